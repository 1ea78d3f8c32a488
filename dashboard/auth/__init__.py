"""Who is at the page, what they may do, and signing in."""
