"""Analyses of a catalog: evaluation, maps and the doctor."""
