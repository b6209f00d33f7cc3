"""Recommendations from events and from the similarity of products."""
