"""Text encoders and tokenizers without a network."""
