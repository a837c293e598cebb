"""Records the timeline that `ralph demo` plays: `python -m tests.make_demo` asks a scripted provider, in true time.

The log is what the pipeline itself recorded; nothing in it is written by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import Consent
from ralph.core.ports.user_input import UserInput
from ralph.workflows.export import export_text
from ralph.workflows.rerun import prepare_rerun

# Between an answer and the next question.
READING_S = 2.5
OUT = Path(__file__).parents[1] / "docs" / "demo.jsonl"
QUESTIONS = (
    "What is 17% of 2,340, and how many lines are in notes.md?",
    "Why does ralph show three steps for one question?",
    "Explain a tide in two sentences.",
    "And who pays when a request fails?",
    "What can I do now?",
)
NOTES = "# Notes\n\n- the tide table is in the drawer\n- buy lamp oil\n- ask about the boat\n"
CONFIG = """
providers: {demo: {kind: scripted, free: false}, spare: {kind: scripted, free: false}}
routing: {route: "demo:small", tool: "demo:large", format: "demo:large", fallback: {format: ["spare:reserve"]}}
pipeline: {speculate: on}
retry: {max_attempts: 1}  # one beside the guess, which fails too
tools: {ask: [files]}
prices:
  "demo:small": {input: 0.25, cache_read: 0.03, output: 1.25}
  "demo:large": {input: 3, cache_read: 0.3, output: 15}
  "demo:quick": {input: 0.5, cache_read: 0.05, output: 2}
  "spare:reserve": {input: 2.5, cache_read: 0.25, output: 10}
"""
CHAT = '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "no tool is needed"}'
TOOLS = (
    '{"tools": ["calculate", "files"], "rounds": 1, "intent": "compute", "difficulty": "low", '
    '"reason": "a sum, and the lines of a file"}'
)
BUSY = {"kind": "overloaded", "message": "the provider has no room at the moment (529); it will be tried again"}
STEPS = """\
So that you can see where time and money go:

| step | what it does |
| --- | --- |
| **route** | a small model decides whether tools are needed |
| **tool** | the tools run, after your yes where one is needed |
| **format** | the answer is written, and streams |

A step with nothing to do says `skipped`. This answer came from another provider: the first one was overloaded twice, \
and both tries stand in the row above."""
# Written before the route has decided, and thrown away.
GUESS = "Seventeen percent of a number is that number times 0.17, and the file"
SUM = "17 % of 2,340 is **397.8**. The file `notes.md` has **5 lines**."
TIDE = """\
A tide is the slow rise and fall of the sea that the Moon's gravity, and to a lesser degree the Sun's, raises as the \
Earth turns beneath it. Most coasts see two high and two low waters a day, about six hours apart."""
SHORT = "The Moon pulls the sea into a bulge on both sides of the Earth. As it turns, each coast passes through both."
LAST = """\
Everything you saw was **recorded**, and this is a replay of it in its own time. Now it is your turn:

1. Press **Enter**: a prompt is waiting.
2. Ask `what is 17% of 2340?`: sums, units, dates and files need no model and no key.
3. `/connect` connects a model: choose a provider and paste its key.

```sh
ralph -p "10 km in miles"     # the same without a screen
```"""


def words(text: str, first_ms: int, usage: tuple[int, int], **more: Any) -> dict[str, Any]:
    """An answer that streams."""
    made = {"text": text, "first_token_ms": first_ms, "piece_ms": 80, "piece_characters": 6}
    return {**made, "usage": {"input": usage[0], "output": usage[1]}, **more}


def _route(text: str) -> dict[str, Any]:
    return words(text, 420, (412, 34), role="route", piece_ms=30)


SPARE = [
    words(STEPS, 600, (655, 142), role="format", match="three steps"),
    {"role": "format", "match": "who pays", "first_token_ms": 300, "error": {
        "kind": "auth", "message": "the provider rejected the key (401); check SPARE_API_KEY"}},
]  # fmt: skip


SCRIPTS: dict[str, Sequence[dict[str, Any]]] = {
    "small": [_route(TOOLS), *(_route(CHAT) for _ in range(4))],
    "large": [
        {"role": "format", "match": "17%", "text": GUESS, "first_token_ms": 300, "piece_ms": 400,
         "usage": {"input": 640, "output": 6}},
        {"role": "tool", "first_token_ms": 800, "usage": {"input": 702, "output": 58}, "calls": [
            {"name": "calculate", "arguments": {"expression": "0.17 * 2340"}},
            {"name": "files", "arguments": {"action": "count", "path": "notes.md"}}]},
        words(SUM, 700, (812, 24), role="format", match="17%"),
        *({"role": "format", "match": "three steps", "error": BUSY, "first_token_ms": 500} for _ in range(2)),
        words(TIDE, 700, (690, 62), role="format", match="tide"),
        {"role": "format", "match": "who pays", "first_token_ms": 350, "error": {
            "kind": "quota", "message": "the account has no credit left (402); /model chooses another model"}},
        words(LAST, 600, (720, 108), role="format", match="now"),
    ],
    "reserve": SPARE,
    "quick": [words(SHORT, 250, (690, 31), role="format", piece_ms=20)],
}  # fmt: skip


class Person:
    """Reads the question for a moment, and says yes."""

    async def allow(self, consent: Consent) -> bool:
        await asyncio.sleep(1.6)
        return True

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return None


async def record(root: Path) -> str:
    """The exported log."""
    environ = {"RALPH_DATA_DIR": str(root / "data"), "RALPH_CONFIG": str(root / "config.yaml")}
    async with workspace(Flags(), environ=environ, root=root / "work") as space:
        space.asker = Person()
        talk = await space.timelines.open()
        for question in QUESTIONS[:3]:
            await talk.submit(UserInput(question))
            await asyncio.sleep(READING_S)
        talk = await _fork(space, talk)
        for question in QUESTIONS[3:]:
            await asyncio.sleep(READING_S)
            await talk.submit(UserInput(question))
        await talk.flush()
        return (await export_text(space, talk.id, "jsonl")).text


async def _fork(space: LocalWorkspace, talk: Conversation) -> Conversation:
    """The third turn again, by another model, in a fork; the log of a fork begins with what it inherited."""
    turn = talk.timeline().turns[2]
    again = await prepare_rerun(space, talk.id, turn, space.timelines.open, from_="format", ref="demo:quick")
    await again.begin()
    return again.conversation


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "work").mkdir()
        (root / "work" / "notes.md").write_text(NOTES)
        (root / "config.yaml").write_text(CONFIG)
        with contextlib.chdir(root):  # a script is named by its path, and stands there as the model's name
            for model, lines in SCRIPTS.items():
                Path(model).write_text(yaml.safe_dump(lines))
            os.environ.pop("NO_COLOR", None)
            text = asyncio.run(record(root))
    OUT.write_text(text, encoding="utf-8")
    print(f"{OUT}: {len(text.splitlines())} events")


if __name__ == "__main__":
    main()
