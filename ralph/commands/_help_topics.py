"""The topics of the help."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.core.ports.face import Command

_TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Ask", ("retry", "once", "compare", "attach", "editor", "copy", "system", "set")),
    ("Who answers", ("model", "provider", "route")),
    (
        "Timelines",
        (
            "new",
            "timelines",
            "rename",
            "fork",
            "rewind",
            "tree",
            "search",
            "replay",
            "export",
            "import",
            "delete",
            "pin",
            "memory",
        ),
    ),
    ("What it costs and carries", ("usage", "budget", "context", "compact")),
    ("ralph itself", ("help", "keys", "theme", "tools", "doctor", "quit")),
)
OTHERS = "More"


def group_by_topic(commands: Sequence[Command]) -> list[tuple[str, list[Command]]]:
    """Return the commands by topic; a command without a topic comes last."""
    known = {c.name: c for c in commands}
    made = [(topic, [known.pop(n) for n in names if n in known]) for topic, names in _TOPICS]
    made.append((OTHERS, [known[name] for name in sorted(known)]))
    return [(topic, found) for topic, found in made if found]
