"""The model run: forward pass, generation, attention, scores and noise. No attribution method is known here."""
