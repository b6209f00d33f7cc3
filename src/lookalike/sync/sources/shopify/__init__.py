"""Shopify: the Admin GraphQL API, bulk operations, and webhooks."""
