"""Training of the encoder that ships with the package: from public photos to the files in `encoders/builtin/`."""
