"""Where products come from: one module per kind of shop system, and feeds by URL."""
