"""Command lines. Nothing imports them, but that those of the dashboard draw the same progress bar."""
