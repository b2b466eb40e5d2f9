"""Arithmetic and words: no clock, no environment, no network."""
