"""How true a model's maps are on scenes whose truth is known."""
