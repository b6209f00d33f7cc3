"""Checks a catalog for damaged, duplicate and mislabelled products."""
