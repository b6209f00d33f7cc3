"""Keeps a catalog in sync with the shop: sources are read on a schedule or when they call."""
