"""The one pass for all layers, and the runs that are made of it."""
