"""The command line: it parses the request and chooses the face that answers it."""
