"""Work that outlives a request: imports, switches and analyses."""
