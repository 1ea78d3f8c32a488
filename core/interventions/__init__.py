"""What happens when part of a picture, the question or the answer so far is taken away: the model is asked again."""
