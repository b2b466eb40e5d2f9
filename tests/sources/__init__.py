"""Tests of the source rooms: the suite that each must pass, and what is each room's own."""
