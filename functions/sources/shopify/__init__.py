"""Shopify: online store and point of sale."""
