"""Rooms for platforms: the files of a new one, and every room's block of template.yaml."""
