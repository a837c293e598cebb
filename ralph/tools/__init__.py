"""One file per tool, and the consent that a call needs."""
