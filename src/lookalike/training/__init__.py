"""Training of the two towers; needs the extra lookalike[adapt]."""
