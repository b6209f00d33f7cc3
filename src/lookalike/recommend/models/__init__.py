"""Models of what goes with what, fitted from events: pure functions from columns of numbers to neighbors."""
