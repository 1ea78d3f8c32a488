"""Grids of visual tokens that several tests draw pictures on."""

WIDE = (7, 10)
"""A grid that no window of four tokens divides."""
