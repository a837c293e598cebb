"""What the events add up to: turns, blocks, attempts, and what is read out of them."""
