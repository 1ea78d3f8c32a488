"""What somebody is doing at a page: keys of widgets, the session, the address, clicks."""
