"""A batch on a page."""
