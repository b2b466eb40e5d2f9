"""Whom we tell, one room for each system."""
