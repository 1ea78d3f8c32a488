"""What is read of a run besides its maps, as plain values: the heat of the prompt, of single heads, the logit lens."""
