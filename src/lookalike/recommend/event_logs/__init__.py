"""Event logs: imports the formats of other systems, and exports events."""
