"""The REST server: one FastAPI application for one catalog."""
