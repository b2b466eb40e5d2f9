"""Platforms hear that a promotion was switched, and switch its codes."""
