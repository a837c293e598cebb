"""The part of the conversation that a request carries, and its size."""
