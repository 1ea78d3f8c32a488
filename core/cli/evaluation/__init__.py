"""`python -m core evaluate` and `gallery`: how true maps are, and what they look like by every method."""
