"""Checkpoints, loading, model families, and where a model's tokens and pixels lie."""
