"""A turn as in a day's work: a file is read, edited after a yes, tested in the sandbox, and taken back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.log import events as ev
from ralph.core.ports.face import Consent, ConsentAnswer
from ralph.core.ports.user_input import UserInput
from ralph.tools.sandbox.ladder import find_rung
from tests.headless.test_undo_files import undo
from tests.headless.tool_turns import ToolHome, call

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program is for sh")

BEFORE, AFTER = "def double(n):\n    return n + n + 1\n", "def double(n):\n    return n + n\n"
CHECK = ["sh", "-c", "grep -q 'n + n$' double.py && echo fine"]


class Person:
    """A person who says yes to each question, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[Consent] = []

    async def allow(self, consent: Consent) -> ConsentAnswer:
        self.asked.append(consent)
        return ConsentAnswer(allowed=True)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        raise AssertionError(title)


async def test_read_edit_test_and_take_back(tmp_path: Path) -> None:
    home, person = ToolHome(tmp_path), Person()
    if find_rung("auto", home.root) == "none":
        pytest.skip("no sandbox works on this machine")
    file = home.root / "double.py"
    file.write_text(BEFORE)
    home.prepare(
        "mend it",
        [call("files", action="read", path="double.py")],
        [call("edit_file", path="double.py", old="n + n + 1", new="n + n")],
        [call("run", argv=CHECK)],
        answer="It doubles now.",
    )
    async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        space.asker = person
        session = await space.timelines.open()
        await session.submit(UserInput("mend it"))
        await session.flush()
        events = [e.event for e in await space.timelines.read_events(session.id)]
        (turn,) = session.timeline().turns
    assert (turn.status, turn.text, file.read_text()) == ("ok", "It doubles now.", AFTER)

    read, edit, run = (one for block in turn.blocks for one in block.calls)
    assert [one.decision for one in (read, edit, run)] == ["allowed"] * 3
    assert [one.scope for one in (read, edit, run)] == ["builtin", "once", "once"]
    assert (read.origin, edit.origin, run.origin) == ("project", "project", "project")
    assert (run.status, run.sandbox) == ("ok", find_rung("auto", home.root))
    assert run.output.startswith("fine")

    shown, checked = person.asked
    assert shown.preview.endswith("-    return n + n + 1\n+    return n + n")
    assert shown.preview == edit.preview
    assert checked.resource == tuple(CHECK)
    kinds = [type(e) for e in events if isinstance(e, ev.ToolRequested | ev.ToolDecided | ev.ToolFinished)]
    assert kinds == [ev.ToolRequested, ev.ToolDecided, ev.ToolFinished] * 3

    assert (await undo(home)).code == 0
    assert file.read_text() == BEFORE
