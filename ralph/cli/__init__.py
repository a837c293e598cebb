"""The command line: what was asked, and which face answers it."""
