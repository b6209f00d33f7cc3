"""Seeing into a catalog: maps, clusters, distributions, and what is wrong with it."""
