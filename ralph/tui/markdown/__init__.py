"""Markdown on the screen: read as a whole, or as it comes, and drawn."""
