"""What stands behind the prompt: its memory, its completions, what is folded in it, and what goes along with it."""
