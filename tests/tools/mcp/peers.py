"""Homes with the hand-made server, and persons who answer its questions."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ralph.core.ports.face import Consent, ConsentAnswer
from tests.headless.tool_turns import ToolHome

PEER = Path(__file__).with_name("peer.py")


def plan_peer(path: Path, name: str = "peer", **plan: Any) -> str:
    """Write a plan, and return the peer's entry in the configuration."""
    file = path / f"{name}.json"
    file.write_text(json.dumps({"log": str(path / f"{name}.log"), **plan}))
    return f"command: ['{sys.executable}', '-S', '{PEER}', '{file}']"


def read_log(path: Path, name: str = "peer") -> list[str]:
    """Return what the peer was told."""
    file = path / f"{name}.log"
    return file.read_text().splitlines() if file.exists() else []


def home_of(path: Path, servers: str, more: str = "startup_s: 60", rules: str = "") -> ToolHome:
    return ToolHome(path, f"mcp:\n  servers: {{{servers}}}\n  {more}\n{rules}")


def peer_home(path: Path, more: str = "startup_s: 60", options: str = "", rules: str = "", **plan: Any) -> ToolHome:
    return home_of(path, f"peer: {{{plan_peer(path, **plan)}{options}}}", more, rules)


async def wait_for(true: Callable[[], bool]) -> None:
    """Wait until this is true; a test's own timeout ends it."""
    while not true():  # noqa: ASYNC110 - the other side is a process
        await asyncio.sleep(0.02)


class Person:
    """Says yes to calls for their scope, and gives these answers to questions of servers, in order."""

    def __init__(self, *answers: str | None, scope: Any = "once") -> None:
        self.asked: list[Consent] = []
        self.questions: list[str] = []
        self._answers = list(answers)
        self._scope = scope

    async def allow(self, consent: Consent) -> ConsentAnswer:
        self.asked.append(consent)
        return ConsentAnswer(allowed=True, scope=self._scope)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        self.questions.append(f"{title} [{' | '.join(label for _, label in options)}]")
        return self._answers.pop(0)

    async def enter(self, title: str, note: str) -> str | None:
        self.questions.append(f"{title} ({note})")
        return self._answers.pop(0)
