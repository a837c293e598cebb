"""Which model a step uses: what was chosen, what is there, and what is best for the turn."""
