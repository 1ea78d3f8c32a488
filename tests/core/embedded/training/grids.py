"""Sizes in visual tokens that several tests draw pictures and clips on."""

WIDE = (7, 10)
"""A grid that no window of four tokens divides."""
STEPS = 3
"""Time steps of clips."""
