"""Recommendations: what shoppers do becomes taste, and taste meets what products look and read like."""
