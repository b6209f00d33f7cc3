"""The prior of the match confidence that ships beside the built-in encoder."""
