"""Private folders and SQLite files, opened safely."""
