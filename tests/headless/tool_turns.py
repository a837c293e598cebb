"""Turns whose models are a script: the tools that the route chooses, and the calls that the model makes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.log import events as ev
from ralph.core.timeline.calls import Call
from ralph.core.timeline.timeline import Timeline, fold
from tests.headless.ask import Home, Result

Calls = Sequence[Mapping[str, Any]]


def call(name: str, /, **arguments: Any) -> Mapping[str, Any]:
    return {"name": name, "arguments": arguments}


class ToolHome(Home):
    """A home whose models are scripts, one for each prompt."""

    def __init__(self, path: Path, config: str = "") -> None:
        self.script = path / "script.json"
        self._lines: list[Mapping[str, Any]] = []
        super().__init__(path, f"providers: {{scripted: {{}}}}\n{config}")
        ref = f"scripted:{self.script}"
        self.flags = Flags(model=ref, route=ref)

    async def turn(self, prompt: str, *rounds: Calls, answer: str = "Done.", **options: Any) -> Result:
        """Ask; the model makes these calls, a round after the other. The timeline goes on if `timeline` is `last`."""
        self.prepare(prompt, *rounds, answer=answer)
        return await self.ask(prompt, **options)

    def prepare(self, prompt: str, *rounds: Calls, answer: str = "Done.") -> None:
        """Write the script of a turn."""
        names = sorted({one["name"] for calls in rounds for one in calls})
        decision = {"tools": names, "rounds": 8, "intent": "other", "difficulty": "low", "reason": "scripted"}
        match = f"^{prompt}"
        self._lines += [
            {"role": "route", "match": match, "text": json.dumps(decision)},
            *({"role": "tool", "match": match, "calls": list(calls)} for calls in rounds),
            {"role": "tool", "match": match, "text": "done"},
            {"role": "format", "match": match, "text": answer},
        ]
        self.script.write_text(json.dumps(self._lines))

    async def timeline(self) -> Timeline:
        """The latest timeline."""
        async with workspace(self.flags, environ=self.environ, root=self.root, ids=self.ids) as space:
            name = await space.timelines.resolve("last")
            return fold(name, await space.timelines.read_events(name))

    async def calls(self) -> list[Call]:
        """The calls of the last turn."""
        return [one for block in (await self.timeline()).turns[-1].blocks for one in block.calls]

    async def notes(self) -> list[ev.Note]:
        return [note for turn in (await self.timeline()).turns for block in turn.blocks for note in block.notes]
