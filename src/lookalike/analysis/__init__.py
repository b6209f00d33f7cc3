"""Studies of a catalogue: evaluation, maps and the doctor."""
