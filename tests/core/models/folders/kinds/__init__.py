"""Kinds of folders, one module a heading of the table; see `tests.core.models.folders.table`."""
