"""The timeline of `ralph demo`: a recorded log that ships with ralph, read like any other."""

from __future__ import annotations

import json

from ralph.config.paths import find_shipped
from ralph.core.errors import Failure, Kind
from ralph.core.log.codec import from_json
from ralph.core.log.envelope import Envelope


def demo_events() -> list[Envelope]:
    """Return the events of the demo. Raises `Failure` if the installation lacks the file."""
    path = find_shipped("docs") / "demo.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Failure(Kind.IO, f"the demo {path} could not be read: {error.strerror or error}") from error
    return [from_json(json.loads(line)) for line in lines]
