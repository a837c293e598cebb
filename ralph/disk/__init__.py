"""Reading and changing files below a folder: never outside it, and never through a link."""
