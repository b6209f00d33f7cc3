"""Rows and facet columns in memory."""
