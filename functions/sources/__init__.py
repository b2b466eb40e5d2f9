"""Who tells us: tills and shops, one room for each platform."""
