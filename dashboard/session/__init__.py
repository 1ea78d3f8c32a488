"""What one visitor is doing: keys of widgets, the session, the address, clicks."""
