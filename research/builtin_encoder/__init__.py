"""Training of the built-in encoder: from public photos to the files in `encoders/builtin/`."""
