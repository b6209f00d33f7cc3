"""Shop systems on loopback: each serves the documented API of one system from the same articles."""
