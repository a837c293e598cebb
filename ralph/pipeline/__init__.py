"""One turn: route, tool, format."""
