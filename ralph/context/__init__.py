"""What a request carries of the conversation before it, and what it weighs."""
