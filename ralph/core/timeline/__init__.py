"""The result of folding events: turns, blocks and attempts, and what is computed from them."""
