"""The model of each step: what was chosen, what is available, and what is best for the turn."""
