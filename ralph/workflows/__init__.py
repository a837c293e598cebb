"""What a slash command and a verb of the command line both do, and what takes several conversations: one file each."""
