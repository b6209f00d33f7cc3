"""A/B experiments: splits shoppers between two variants of the shop, and reports which one sells more."""
