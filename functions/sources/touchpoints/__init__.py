"""Touchpoints: what a shop's own systems and pages saw of a person, told by themselves."""
