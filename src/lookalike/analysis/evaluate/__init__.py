"""Measuring: how good a catalog's recipe is on its own products, and when a match may be believed."""
