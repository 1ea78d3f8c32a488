"""How much memory and time work takes, whether it fits, and work cut so that it does."""
