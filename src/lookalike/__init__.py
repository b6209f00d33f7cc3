"""Visual and textual product search and recommendation for shops."""
