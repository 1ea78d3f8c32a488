"""A video in the form: how it is sampled, and what that gives."""
