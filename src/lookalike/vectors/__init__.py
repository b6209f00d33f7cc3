"""Numbers without a domain: PCA, k-means, neighbours, sparse rows and their encoding as bytes."""
