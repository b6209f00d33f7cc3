"""Seeing into a catalogue: maps, clusters, distributions, and what is wrong with it."""
