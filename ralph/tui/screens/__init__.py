"""What lies over the timeline for a moment."""
