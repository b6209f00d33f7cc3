"""Who may do what with a catalog."""
