"""One file a provider: its wire, its errors and its usage, translated at this border and nowhere else."""
