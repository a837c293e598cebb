"""Work that slash commands and verbs of the command line share, or that needs several conversations: one file each."""
