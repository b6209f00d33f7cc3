"""Maps, clusters and distributions of a catalog."""
