"""The products of a shop: importing, storing, embedding and deleting them."""
