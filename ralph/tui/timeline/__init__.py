"""The timeline: its items, the position of each line, and its view."""
