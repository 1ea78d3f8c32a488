"""Results -> files, and files of strangers -> checked results. No torch here."""
