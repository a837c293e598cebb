"""The screens over the timeline."""
