"""Servers, samples and faults that several tests share."""
