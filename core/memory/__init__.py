"""How much memory work takes, whether it fits, and work cut so that it does."""
