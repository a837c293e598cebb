"""The route's decision: its shape, its JSON Schema, and the parser of a model's text."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Literal, get_args

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.sanitise import one_line

Intent = Literal["chat", "question", "compute", "files", "web", "code", "other"]
Difficulty = Literal["low", "medium", "high"]
MAX_ROUNDS = 8
MAX_REASON = 120
# The most characters of an unusable answer in a sentence.
MAX_SHOWN = 80


@frozen
class RouteDecision(Data):
    """The tools that a turn needs. `tools` decides, `rounds` only bounds; `tools` comes first, to be known early."""

    tools: tuple[str, ...] = ()
    rounds: int = 0
    intent: Intent = "chat"
    difficulty: Difficulty = "low"
    reason: str = ""

    def limit(self, allowed: Collection[str], max_rounds: int) -> RouteDecision:
        """Return the decision with only allowed tools, once each; no rounds without tools, at least one with them."""
        tools = tuple(dict.fromkeys(t for t in self.tools if t in allowed))
        rounds = min(max(self.rounds, 1), max_rounds) if tools else 0
        return RouteDecision(tools, rounds, self.intent, self.difficulty, self.reason[:MAX_REASON])


def schema(tools: Collection[str]) -> dict[str, Any]:
    """Return the closed JSON Schema that a model fills in; bounded everywhere, so that no model can ramble in it."""
    names: dict[str, Any] = {"type": "string", "enum": sorted(tools)} if tools else {"type": "string", "maxLength": 1}
    properties = {
        "tools": {"type": "array", "items": names, "maxItems": max(1, len(tools))},
        "rounds": {"type": "integer", "minimum": 0, "maximum": MAX_ROUNDS},
        "intent": {"type": "string", "enum": list(get_args(Intent))},
        "difficulty": {"type": "string", "enum": list(get_args(Difficulty))},
        "reason": {"type": "string", "maxLength": MAX_REASON},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def read(text: str) -> RouteDecision:
    """Return the decision in a model's answer; a code fence or words around the object are tolerated.

    Raises a `protocol` failure if there is no such object.
    """
    try:
        data = json.loads(text[text.index("{") : text.rindex("}") + 1])
        return _decision(data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        shown = f"“{_beginning(text)}”" if text.strip() else "it was empty"
        raise Failure(Kind.PROTOCOL, f"the routing model gave no usable answer: {shown}") from error


def _beginning(text: str) -> str:
    """Return the first characters of a text on one line."""
    line = one_line(text)
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN].rstrip()}…"


def of(data: Mapping[str, Any]) -> RouteDecision:
    """Return the decision in the data of a route's block. Raises `ValueError` if there is none."""
    try:
        return _decision({**data, "tools": list(data["tools"])})
    except (TypeError, KeyError) as error:
        raise ValueError("this block holds no decision") from error


def _decision(data: Mapping[str, Any]) -> RouteDecision:
    tools = data["tools"]
    if not isinstance(tools, list) or not all(isinstance(t, str) for t in tools):
        raise TypeError("tools")
    rounds = data.get("rounds", 1)
    if isinstance(rounds, bool) or not isinstance(rounds, int):
        raise TypeError("rounds")
    intent: Any = data.get("intent")
    difficulty: Any = data.get("difficulty")
    return RouteDecision(
        tuple(tools),
        rounds,
        intent if intent in get_args(Intent) else "other",
        difficulty if difficulty in get_args(Difficulty) else "medium",
        str(data.get("reason", "")),
    )
