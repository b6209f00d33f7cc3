"""Outlines of what the sample shop sells, each a function from cloth to the pieces it is sewn from."""
