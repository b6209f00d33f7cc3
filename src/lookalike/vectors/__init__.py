"""Numerical methods without a domain: PCA, k-means, nearest neighbors, sparse rows and byte encoding."""
