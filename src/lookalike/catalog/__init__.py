"""The shop's products: what is imported, stored, embedded and removed."""
