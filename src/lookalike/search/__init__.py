"""A query becomes vectors, the index answers, and hits get their match."""
