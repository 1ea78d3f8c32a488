"""Weights of fewer bits than they are computed with: how they are stored, and layers that multiply by them."""
