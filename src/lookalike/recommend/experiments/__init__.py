"""A/B experiments: split shoppers between two variants of the shop, and tell which one sells more."""
