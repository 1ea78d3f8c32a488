"""What happens when something that a model is given is taken away: part of a picture, the question, the answer so far."""
