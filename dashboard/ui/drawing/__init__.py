"""How maps are sent to a browser and drawn there, the same on every page."""
