"""Makes `docs/schema/*.json` from the types that are printed: `python -m tests.schema.generate`."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ralph.core.llm.consent import Scope
from ralph.core.llm.messages import PARTS
from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.tool import Effect
from ralph.core.llm.tool_output import Rung
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import VERSION
from ralph.core.ports.grants import GrantRow
from ralph.core.ports.keys import ApiKey
from ralph.core.ports.mcp import McpRow
from ralph.core.ports.rows import Check, ProviderRow
from ralph.core.ports.usage_report import UsageReport
from ralph.core.timeline.rows import TimelineRow

FOLDER = Path(__file__).parents[2] / "docs" / "schema"
STAMP = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"}
TIMELINE = {"type": "string", "pattern": "^[0-9a-hj-km-np-tv-z]{10}$"}
NUMBER = {"type": "number", "minimum": 0}
MILLISECONDS = {"type": "object", "additionalProperties": NUMBER}


def of_type(hint: Any) -> dict[str, Any]:
    """The JSON Schema of a type of ours."""
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return {"enum": list(options)}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [of_type(o) for o in options]}
    if origin is tuple:
        if options[-1] is Ellipsis:
            return {"type": "array", "items": of_type(options[0])}
        return {"type": "array", "prefixItems": [of_type(o) for o in options], "minItems": len(options)}
    if origin is not None and issubclass(origin, Mapping):
        return (
            {"type": "object"} if options[1] is Any else {"type": "object", "additionalProperties": of_type(options[1])}
        )
    if is_dataclass(hint):
        return of_dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    simple: dict[Any, dict[str, Any]] = {
        str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"},
        type(None): {"type": "null"}, Any: {},
    }  # fmt: skip
    return dict(simple[hint])


def of_dataclass(cls: Any) -> dict[str, Any]:
    """All fields are always printed; a reader must allow for more."""
    hints = typing.get_type_hints(cls)
    properties = {f.name.rstrip("_"): of_type(hints[f.name]) for f in fields(cls)}
    if cls in PARTS.values():
        properties = {"type": {"const": cls.type}, **properties}
    return {"type": "object", "properties": properties, "required": list(properties)}


def one(title: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}


def envelope() -> dict[str, Any]:
    cases = [
        {"if": {"properties": {"type": {"const": name}}}, "then": {"properties": {"data": of_dataclass(cls)}}}
        for name, cls in ev.EVENTS.items()
    ]
    properties = {
        "v": {"type": "integer", "minimum": 1, "maximum": VERSION},
        "timeline": TIMELINE,
        "seq": {"type": "integer", "minimum": 1},
        "turn": {"type": "integer", "minimum": 0},
        "at": STAMP,
        "ms": NUMBER,
        "type": {"enum": list(ev.EVENTS)},
        "data": {"type": "object"},
    }
    return {"type": "object", "properties": properties, "required": list(properties),
            "additionalProperties": False, "allOf": cases}  # fmt: skip


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False
    }  # fmt: skip


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


TEXT: dict[str, Any] = {"type": "string"}
ERROR = closed({"kind": TEXT, "message": TEXT})
STATUS = {"enum": ["ok", "skipped", "failed", "cancelled", "interrupted"]}


def step() -> dict[str, Any]:
    usage, cost = of_dataclass(Usage), of_dataclass(Cost)
    attempt = closed({
        "id": {"type": "string", "pattern": r"^\d+\.\d+a\d+$"}, "provider": TEXT, "model": TEXT,
        "outcome": {"enum": ["ok", "failed", "cancelled", "interrupted", "discarded", None]},
        "speculated": {"type": "boolean"}, "error": nullable(ERROR), "usage": usage, "cost": cost,
        "ttft_ms": nullable(NUMBER), "duration_ms": NUMBER, "phases": MILLISECONDS,
    })  # fmt: skip
    tool = closed({
        "id": {"type": "string", "pattern": r"^\d+\.\d+c\d+$"}, "name": TEXT, "arguments": {"type": "object"},
        "status": {"enum": ["ok", "error", "denied", "timeout", "cancelled", None]}, "output": TEXT,
        "duration_ms": NUMBER, "waited_ms": NUMBER,
        "sandbox": nullable({"enum": list(typing.get_args(Rung))}),
    })  # fmt: skip
    return closed({
        "role": {"enum": ["route", "tool", "format"]}, "status": STATUS, "reason": nullable(TEXT),
        "error": nullable(ERROR), "provider": nullable(TEXT), "model": nullable(TEXT), "text": TEXT,
        "thinking": TEXT, "data": {"type": "object"}, "usage": usage, "cost": cost, "ttft_ms": nullable(NUMBER),
        "duration_ms": NUMBER, "waited": MILLISECONDS, "discarded": nullable(closed({"usage": usage, "cost": cost})),
        "attempts": {"type": "array", "items": attempt},
        "tools": {"type": "array", "items": tool},
    })  # fmt: skip


def turn_properties() -> dict[str, Any]:
    error = closed({"kind": TEXT, "message": TEXT, "step": nullable(TEXT)})
    return {
        "timeline": nullable(TIMELINE), "turn": nullable({"type": "integer", "minimum": 1}), "status": STATUS,
        "text": TEXT, "stop_reason": nullable(TEXT), "error": nullable(error),
        "steps": {"type": "array", "items": step(), "minItems": 3, "maxItems": 3},
        "usage": of_dataclass(Usage), "cost": of_dataclass(Cost), "duration_ms": NUMBER,
        "waited": MILLISECONDS,
    }  # fmt: skip


def timeline() -> dict[str, Any]:
    turn = closed({
        "at": STAMP, "prompt": TEXT, "context": TEXT, "roles": {"type": "object"}, **turn_properties(),
        "notes": {"type": "array"},
    })  # fmt: skip
    return closed({
        "timeline": TIMELINE, "title": TEXT, "opened_at": STAMP, "forked_from": nullable(of_dataclass(ev.ForkPoint)),
        "labels": {"type": "array"}, "pins": {"type": "array"}, "system": TEXT,
        "turns": {"type": "array", "items": turn}, "usage": of_dataclass(Usage), "cost": of_dataclass(Cost),
        "inherited_cost": of_dataclass(Cost),
    })  # fmt: skip


def tools() -> dict[str, Any]:
    tool = closed({
        "name": TEXT, "source": TEXT, "effect": of_type(Effect), "verdict": {"enum": ["allowed", "ask", "denied"]},
        "by": TEXT, "rule": nullable(TEXT), "scope": of_type(Scope),
    })  # fmt: skip
    return closed({
        "tools": {"type": "array", "items": tool}, "grants": {"type": "array", "items": of_dataclass(GrantRow)},
        "sandbox": of_type(Rung),
    })  # fmt: skip


def pull() -> dict[str, Any]:
    """The last line has `done`, `path` and `sha256`."""
    counted = {"ref": TEXT, "bytes": {"type": "integer", "minimum": 0}, "total": nullable({"type": "integer"})}
    ends = {"done": {"const": True}, "path": TEXT, "sha256": {"type": "string", "pattern": "^([0-9a-f]{64})?$"}}
    return {"oneOf": [closed(counted), closed({**counted, **ends})]}


def schemas() -> dict[str, dict[str, Any]]:
    """File name to schema."""
    model = of_dataclass(ModelInfo)
    model["properties"] = {"provider": TEXT, **model["properties"]}
    listed = {
        "envelope": one("One line of --output jsonl, and one row of the events table", envelope()),
        "turn": one("ralph -p --output json", closed(turn_properties())),
        "command": one(
            'ralph -p "/command" --output json',
            closed({"command": TEXT, "text": TEXT, "data": {}, "error": nullable(ERROR)}),
        ),
        "show": one("ralph show ID --json", timeline()),
        "timelines": one("ralph timelines --json", {"type": "array", "items": of_dataclass(TimelineRow)}),
        "mcp": one("ralph mcp list --json", closed({"servers": {"type": "array", "items": of_dataclass(McpRow)}})),
        "keys": one("ralph keys list --json", closed({"keys": {"type": "array", "items": of_dataclass(ApiKey)}})),
        "providers": one("ralph providers --json", {"type": "array", "items": of_dataclass(ProviderRow)}),
        "models": one("ralph models --json", {"type": "array", "items": model}),
        "pull": one("One line of ralph models pull --json", pull()),
        "tools": one("ralph tools --json", tools()),
        "usage": one("ralph usage --json", of_dataclass(UsageReport)),
        "doctor": one(
            "ralph doctor --json",
            closed({"ok": {"type": "boolean"}, "checks": {"type": "array", "items": of_dataclass(Check)}}),
        ),
    }
    return {f"{name}.schema.json": schema for name, schema in listed.items()}


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    for name, schema in schemas().items():
        (FOLDER / name).write_text(text_of(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
