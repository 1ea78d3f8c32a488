"""Batches of pictures, as files."""
