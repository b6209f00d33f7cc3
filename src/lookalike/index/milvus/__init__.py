"""The index that lives in a Milvus server."""
