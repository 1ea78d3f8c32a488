"""What `python -m core explain` asks, draws, writes and says."""
