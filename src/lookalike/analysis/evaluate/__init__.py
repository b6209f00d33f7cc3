"""Measuring: how good a catalogue's recipe is on its own products, and when a match may be believed."""
