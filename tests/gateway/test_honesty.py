"""A server that read less than it was sent is told of; one that says nothing is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ralph.core.llm.messages import user
from ralph.core.llm.request import Request, ToolSpec
from ralph.core.llm.usage import Usage
from ralph.gateway.dropped_prompt import note_dropped_prompt

LONG = Request("m", (user("some words " * 2000),))  # about 5,500 tokens


def read(tokens: int, source: str = "reported") -> Usage:
    return Usage(input=tokens, output=5, source=source)  # type: ignore[arg-type]


def test_far_less_than_was_sent_is_said_aloud() -> None:
    note = note_dropped_prompt(LONG, read(2048), "1.4", "providers.ollama.num_ctx")
    assert note is not None
    assert (note.kind, note.block, note.data["read"], note.data["loud"]) == ("dropped_prompt", "1.4", 2048, True)
    assert note.text == (
        f"the server read only 2,048 of about {note.data['sent']:,} tokens that were sent: the start of the "
        "conversation was probably dropped; raise providers.ollama.num_ctx"
    )


@pytest.mark.parametrize(
    "reported",
    [None, read(0), read(5000), read(2900), read(2048, "estimated")],
    ids=["nothing", "all cached", "all", "more than half", "our own guess"],
)
def test_what_proves_nothing_raises_no_alarm(reported: Usage | None) -> None:
    assert note_dropped_prompt(LONG, reported, "1.4", "x") is None


def test_a_short_prompt_raises_no_alarm() -> None:
    assert note_dropped_prompt(Request("m", (user("some words " * 300),)), read(20), "1.4", "x") is None


def test_tools_and_shapes_do_not_count_since_not_every_server_puts_them_before_its_model() -> None:
    tools = tuple(ToolSpec(f"tool{n}", "does this and that " * 20, {"type": "object"}) for n in range(50))
    short = Request("m", (user("hello"),), tools=tools, schema={"type": "object", "description": "x" * 9000})
    assert note_dropped_prompt(short, read(30), "1.4", "x") is None
    assert note_dropped_prompt(replace(short, messages=LONG.messages), read(2048), "1.4", "x") is not None
