"""Shops without a till that we know: their orders, as our own API was told them."""
