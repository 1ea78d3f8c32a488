"""Who may ask, open, wait and cancel. Nothing is drawn here."""
