"""The way from a conversation to the timeline on the screen."""
