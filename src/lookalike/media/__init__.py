"""The single entry points for image bytes and for URLs."""
