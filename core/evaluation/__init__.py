"""Judging heat maps: scores against known objects, orders of removal, fills, intervals and noise. Pure maths."""
