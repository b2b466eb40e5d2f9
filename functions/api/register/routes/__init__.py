"""The control room's routes, by what is loaded together."""
