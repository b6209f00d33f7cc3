"""Request bodies and query parameters, validated."""
