"""Makes docs/api.md: `python -m docs.reference`."""
