"""One file per slash command, used by every face."""
