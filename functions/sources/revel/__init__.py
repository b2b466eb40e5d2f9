"""Revel: finalized orders of one instance, and the returns that nothing announces."""
