"""Streams of Chat Completions, made by hand, for what no polite server sends."""

from __future__ import annotations

import json
from typing import Any

from tests.wires.script import Reply

Json = dict[str, Any]


def chunk(finish: Any = None, **delta: Any) -> Json:
    """One event with one choice."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def call(**fields: Any) -> Json:
    """One event with one fragment of a call."""
    return chunk(tool_calls=[fields])


def function(name: Any = None, arguments: Any = None) -> Json:
    return {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}


def body(*events: Any, done: bool = True) -> str:
    """The stream; a text among the events stands for itself."""
    payloads = [e if isinstance(e, str) else json.dumps(e) for e in events] + (["[DONE]"] if done else [])
    return "".join(f"data: {payload}\n\n" for payload in payloads)


def stream(*events: Any, done: bool = True) -> Reply:
    return Reply(body=body(*events, done=done), headers={"content-type": "text/event-stream"})


def document(value: Any, indent: int | None = None) -> Reply:
    """One JSON document with status 200."""
    return Reply(body=json.dumps(value, indent=indent), headers={"content-type": "application/json"})


STOP = chunk("stop")
