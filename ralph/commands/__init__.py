"""One file a slash command, used by every face."""
