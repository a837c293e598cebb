"""What stands between a step and a provider: attempts, their times and their cost."""
