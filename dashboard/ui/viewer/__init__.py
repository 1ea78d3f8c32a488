"""One run, looked at closely."""
