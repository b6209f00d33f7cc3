"""The REST server: one FastAPI application over one catalogue."""
