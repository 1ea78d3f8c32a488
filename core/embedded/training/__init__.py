"""How the embedded checkpoint was made. Nothing else of the project needs it."""
