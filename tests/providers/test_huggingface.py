"""Hugging Face's router: who really answered."""

from __future__ import annotations

from ralph.core.errors import Kind
from ralph.core.llm.messages import user
from ralph.core.llm.request import Request
from tests.providers.conftest import Opener
from tests.providers.wires import HUGGINGFACE, collect
from tests.wires.script import Reply
from tests.wires.server import Server

HELLO = Request("openai/gpt-oss-120b:cheapest", (user("hi"),))


async def test_who_answered_is_kept(server: Server, connect: Opener) -> None:
    server.will(Reply(text="ok", headers={"x-inference-provider": "together"}))
    got = await collect(connect(HUGGINGFACE), HELLO)
    assert got.report.provider == "huggingface_together"
    assert server.asked[0].json["model"] == "openai/gpt-oss-120b:cheapest"


async def test_no_money_left(server: Server, connect: Opener) -> None:
    server.will(Reply(status=402, body='{"error": "You have exceeded your monthly included credits"}'))
    got = await collect(connect(HUGGINGFACE), HELLO)
    assert got.failure is not None
    assert (got.failure.kind, got.failure.rejected) == (Kind.BILLING, True)
    assert "monthly included credits" in got.failure.message
