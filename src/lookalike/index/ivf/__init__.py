"""The approximate index: cells on disk around exact rows in memory."""
