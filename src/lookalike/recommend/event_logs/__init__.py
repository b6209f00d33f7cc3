"""What shoppers did elsewhere: logs in the formats of other systems, read as events and written again."""
