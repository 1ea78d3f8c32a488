"""A question with what was said before it: read from message lists, and written by chat templates."""
