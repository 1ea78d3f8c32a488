"""Bytes on their way to this server: how much room they may take, counted as they come, and files that have come."""
