"""Image bytes and URLs: the one entry point for each."""
