"""Pictures and a prompt -> what a model is given."""
