"""What can be asked about a finished run beyond it."""
