"""Notebooks, and what runs them: `python -m docs.notebooks.run`."""
