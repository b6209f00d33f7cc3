"""Text encoders and tokenizers that need no network."""
