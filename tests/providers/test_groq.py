"""Groq's own field in the stream, and its own statuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ralph.core.errors import Kind
from ralph.core.llm.messages import user
from ralph.core.llm.request import Request
from ralph.core.llm.usage import Usage
from tests.providers.conftest import Opener
from tests.providers.wires import GROQ, collect
from tests.wires.script import Reply
from tests.wires.server import Server

HELLO = Request("openai/gpt-oss-120b", (user("hi"),))


async def test_usage_and_id_in_its_own_field(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok", usage={"input": 5, "output": 3}, usage_place="groq"))
    got = await collect(connect(GROQ), HELLO)
    assert (got.usage, got.report.request_id) == (Usage(5, 0, 0, 3, 0, "reported"), "req_01")


async def test_a_late_error_with_status_200(server: Server, connect: Opener) -> None:
    chunk = {"choices": [{"delta": {"content": "a"}}]}
    body = f'data: {json.dumps(chunk)}\n\ndata: {{"x_groq": {{"error": "over capacity"}}}}\n\n'
    server.will(Reply(body=body, headers={"content-type": "text/event-stream"}))
    got = await collect(connect(GROQ), HELLO)
    assert got.failure is not None
    assert (got.failure.kind, got.text) == (Kind.SERVER, "a")
    assert "over capacity" in got.failure.message


@pytest.mark.parametrize(
    ("status", "error", "kind", "wait"),
    [
        (
            429,
            {"type": "tokens", "code": "rate_limit_exceeded", "message": "Please try again in 5.289s."},
            Kind.RATE_LIMIT,
            5.289,
        ),
        (498, {"code": "capacity_exceeded", "type": "x"}, Kind.RATE_LIMIT, None),
        (413, {"code": "rate_limit_exceeded", "type": "tokens"}, Kind.CONTEXT_LENGTH, None),
        (400, {"code": "tool_use_failed", "failed_generation": "{"}, Kind.BAD_REQUEST, None),
        (400, {"code": "model_decommissioned"}, Kind.RETIRED_MODEL, None),
    ],
)
async def test_its_refusals(
    server: Server, connect: Opener, status: int, error: dict[str, Any], kind: Kind, wait: float | None
) -> None:
    server.will(Reply(status=status, error=error))
    got = await collect(connect(GROQ), HELLO)
    assert got.failure is not None
    assert (got.failure.kind, got.failure.retry_after_s, got.failure.rejected) == (kind, wait, True)
