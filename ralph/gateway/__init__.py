"""The layers between a step and a provider: attempts, their times and their cost."""
