"""A result with the picture it was made of: drawn, shown in a notebook, saved, and as tables. No torch here."""
