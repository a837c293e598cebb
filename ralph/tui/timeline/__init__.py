"""The timeline: what stands in it, where each line is, and the view of it."""
