"""How an event becomes a small row and a row the event again: forms, shared texts, packed deltas."""
