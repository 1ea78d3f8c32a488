"""How true a model's maps are on people's own data: their pictures, their questions, their masks."""
