"""From a conversation to the timeline on the screen."""
