"""How it looks, by feature: few pictures, each to be looked at when it changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from ralph.core.llm.provider import ModelInfo
from ralph.core.ports.discovery import NEIGHBOURS, Discovery, FoundModel
from ralph.core.ports.face import Consent
from ralph.tui.widgets.consent import ConsentPanel
from tests.tui.conftest import MakeApp
from tests.tui.desk import Desk
from tests.tui.play import Gate, HandClock, Play, failing_turn, turn
from tests.tui.scenes import fallen_turn
from tests.tui.see import text, until, write

SIZE = (120, 40)
MARKDOWN = """\
## Running totals

A **generator** with `yield`, as in [the docs](https://docs.python.org/3/):

```python
def accumulate(values, start=0):
    total = start
    for value in values:
        total += value  # keep
        yield total
```

| name | calls | cost |
|------|------:|-----:|
| alpha | 12 | 0.031 |
| 日本 | 7 | 0.120 |

- one
  - nested
- two

1. first
2. second

> quoted
"""


@pytest.fixture
def asked(play: Play) -> Play:
    return play.past(1, turn(1, "What is 17 % of 2,340, and how many lines has README.md?"))


def test_a_turn(asked: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """Three rows with bars on one axis, the answer, the sum; below it a failed turn."""
    asked.past(2, failing_turn(2, "And in French?"))
    assert snap_compare(make_app(), terminal_size=SIZE)


def test_a_turn_in_daylight_on_a_small_terminal(asked: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """The light theme at 80 columns: no bars, and nothing that is needed is cut."""
    assert snap_compare(make_app(theme="daylight"), terminal_size=(80, 24))


def test_an_answer_in_markdown(play: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """Heading, code, table, lists, quote."""
    play.past(1, turn(1, "Show me", MARKDOWN, tools=False))
    assert snap_compare(make_app(), terminal_size=SIZE)


def test_a_running_turn(asked: Play, clock: HandClock, make_app: MakeApp, snap_compare: Any) -> None:
    """The format step streams, a message waits."""
    asked.script = lambda n, p, c: turn(n, p, gate=Gate())
    app = make_app()

    async def start(pilot: Pilot[int]) -> None:
        await write(pilot, "Again, please", "enter")
        await until(pilot, lambda: "17 % of 2,340 is 397" in text(app).rpartition("❯")[2])
        await write(pilot, "and thank you", "enter")
        clock.at = 2.8
        await until(pilot, lambda: "0.47s" in text(app))
        app.feed._pulse.pause()
        app.feed._frame = 0
        app.feed._show()

    assert snap_compare(app, terminal_size=SIZE, run_before=start)


def test_details(asked: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """Attempts, decisions and whole outputs."""
    assert snap_compare(make_app(), terminal_size=SIZE, press=["ctrl+o"])


def test_consent(asked: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """The question above the prompt."""
    app = make_app()
    diff = "@@ -1,2 +1,2 @@\n-one\n+two\n three"
    consent = Consent(
        "1.3c1", "edit_file", {"path": "notes/today.md"}, "write", diff, "notes/today.md", "effect write",
        "edit_file(notes/**)",
    )  # fmt: skip

    async def ask(pilot: Pilot[int]) -> None:
        app.query_one(ConsentPanel).ask(consent, lambda allowed: None)
        await pilot.pause()

    assert snap_compare(app, terminal_size=SIZE, run_before=ask)


def test_a_fallback_and_a_failed_turn(asked: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """Who failed, why, and who answered instead, in a line of its own; a turn without an answer says what to do."""
    asked.past(2, fallen_turn(2, "Once more?")).past(3, failing_turn(3, "And in French?"))
    assert snap_compare(make_app(), terminal_size=(100, 30))


def test_a_turn_without_colours(
    asked: Play, make_app: MakeApp, snap_compare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`NO_COLOR`: every state has its sign and its word."""
    monkeypatch.setenv("NO_COLOR", "1")
    asked.past(2, failing_turn(2, "And in French?"))
    assert snap_compare(make_app(), terminal_size=(100, 30))


def test_a_turn_in_high_contrast(asked: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """White on black, and a failure that cannot be missed."""
    asked.past(2, failing_turn(2, "And in French?"))
    assert snap_compare(make_app(theme="contrast"), terminal_size=(100, 30))


def test_welcome(play: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """Who answers, what was found on this machine, what to do first."""
    desk = Desk(play)
    found = FoundModel(NEIGHBOURS[0], (ModelInfo("llama3.2:3b"), ModelInfo("qwen3:4b")))
    desk.machine.findings = Discovery(("anthropic",), (found,), named=True)
    app = make_app(desk=desk)

    async def wait(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "Also found here" in text(app))

    assert snap_compare(app, terminal_size=(80, 24), run_before=wait)


def test_welcome_without_a_model(play: Play, make_app: MakeApp, snap_compare: Any) -> None:
    """What can be asked all the same, and how to connect a model: a command to a line."""
    desk = Desk(play)
    desk.machine.findings = Discovery()
    play.roles.update(dict.fromkeys(play.roles, "builtin:rules"))
    app = make_app(desk=desk)

    async def wait(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "To connect a model" in text(app))

    assert snap_compare(app, terminal_size=(80, 24), run_before=wait)


def test_files_to_name(asked: Play, make_app: MakeApp, snap_compare: Any, tmp_path: Path) -> None:
    """What `@` offers: the nearest name first."""
    for name in ("README.md", "notes/reading.md", "notes/plan.md", "src/reader.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one\n")
    app = make_app(root=tmp_path)

    async def name_one(pilot: Pilot[int]) -> None:
        await pilot.press(*"look at @read")
        await until(pilot, lambda: app.widgets.menu.display)

    assert snap_compare(app, terminal_size=(80, 24), run_before=name_one)
