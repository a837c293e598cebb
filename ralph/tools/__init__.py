"""One file a tool, and the consent that a call needs."""
