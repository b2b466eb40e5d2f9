"""Square: tills and online orders of one merchant."""
