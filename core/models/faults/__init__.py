"""What is wrong with a model, found when it is loaded, and named as the model's."""
