"""Old logs can be read for ever: the logs of each version are never changed and never removed.

A `.show.json` beside a log is what `ralph show --json` tells of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ralph.core.log.codec import from_json, to_json
from ralph.core.timeline.history import conversation
from ralph.core.timeline.json_output import timeline_json
from ralph.core.timeline.timeline import fold
from ralph.headless.doctor import invariants

LOGS = sorted(Path(__file__).parent.glob("v*/*.jsonl"))


@pytest.mark.parametrize("path", LOGS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_it_still_tells_the_same(path: Path) -> None:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    events = [from_json(line) for line in lines]
    timeline = fold(lines[0]["timeline"], events)
    told = json.loads(path.with_suffix(".show.json").read_text(encoding="utf-8"))
    assert timeline_json(timeline) == told
    assert all(check.ok for check in invariants(events))
    assert timeline.unknown_types == frozenset()
    assert conversation(timeline.turns)


@pytest.mark.parametrize("path", [p for p in LOGS if p.parent.name == "v1"], ids=lambda p: p.stem)
def test_this_versions_own_logs_are_written_back_as_they_are(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        assert told_again(json.loads(line), to_json(from_json(json.loads(line))))


def told_again(old: Any, new: Any) -> bool:
    """The same, but for fields that came since: each of those has a default, which is empty."""
    if isinstance(old, dict) and isinstance(new, dict):
        kept = old.keys() <= new.keys() and all(told_again(value, new[key]) for key, value in old.items())
        return kept and not any(value for key, value in new.items() if key not in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(told_again, old, new))
    return type(old) is type(new) and old == new
