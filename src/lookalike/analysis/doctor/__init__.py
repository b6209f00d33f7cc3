"""Checks a catalogue for damaged, duplicate and mislabelled products."""
