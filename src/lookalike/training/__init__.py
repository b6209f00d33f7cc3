"""Training of the two towers; requires the extra lookalike[adapt]."""
