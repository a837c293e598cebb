"""The arguments that the tools that run a program share. What runs it is loaded with the first program, not here."""

from __future__ import annotations

# Seconds for a program, if the call sets none; the most that a call may set; and what a call may take beside it.
DEFAULT_S = 120
LONGEST_S = 600
CALL_S = LONGEST_S + 30.0

TIMEOUT = {
    "type": "integer",
    "minimum": 1,
    "maximum": LONGEST_S,
    "description": f"seconds until it is stopped, {DEFAULT_S} if left out",
}
CWD = {"type": "string", "description": "a folder below the working directory; the working directory if left out"}
