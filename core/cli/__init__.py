"""Command lines. Nothing imports them."""
