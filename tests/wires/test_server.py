"""The fake is proven by the vendors' own clients: what they read is what the script says."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anthropic
import httpx
import ollama
import openai
import pytest

from tests.wires.script import Reply, reply_of
from tests.wires.server import Server

CALLS = (
    {"name": "weather", "arguments": {"city": "Paris"}, "id": "c1"},
    {"name": "time", "arguments": {"zone": "CET"}, "id": "c2"},
)
FULL = Reply(
    thinking=("I ", "think."),
    signature="c2ln",
    text=("Hel", "lo"),
    calls=CALLS,
    usage={"input": 100, "cache_read": 60, "cache_write": 10, "output": 20, "reasoning": 5},
)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


async def test_anthropic_reads_a_full_answer(server: Server) -> None:
    server.will(FULL)
    async with (
        anthropic.AsyncAnthropic(base_url=server.url, api_key="k", max_retries=0) as client,
        client.messages.stream(model="model-1", max_tokens=9, messages=[{"role": "user", "content": "hi"}]) as stream,
    ):
        message = await stream.get_final_message()
    thinking, text, first, second = message.content
    assert (thinking.type, thinking.thinking, thinking.signature) == ("thinking", "I think.", "c2ln")  # type: ignore[union-attr]
    assert text.text == "Hello"  # type: ignore[union-attr]
    assert (first.name, first.input) == ("weather", {"city": "Paris"})  # type: ignore[union-attr]
    assert (second.name, second.input) == ("time", {"zone": "CET"})  # type: ignore[union-attr]
    assert message.stop_reason == "tool_use"
    usage = message.usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (30, 60, 10)
    assert usage.output_tokens == 20


async def test_openai_reads_a_full_chat_answer(server: Server) -> None:
    server.will(FULL)
    async with (
        openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0) as client,
        client.chat.completions.stream(
            model="model-1",
            messages=[{"role": "user", "content": "hi"}],
            stream_options={"include_usage": True},
        ) as stream,
    ):
        answer = await stream.get_final_completion()
    choice = answer.choices[0]
    assert choice.message.content == "Hello"
    assert [(c.function.name, c.function.arguments) for c in choice.message.tool_calls or []] == [
        ("weather", '{"city":"Paris"}'),
        ("time", '{"zone":"CET"}'),
    ]
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (100, 20)
    assert answer.usage.prompt_tokens_details is not None
    assert answer.usage.prompt_tokens_details.cached_tokens == 60


async def test_openai_reads_a_full_response(server: Server) -> None:
    server.will(FULL)
    async with (
        openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0) as client,
        client.responses.stream(model="model-1", input="hi") as stream,
    ):
        response = await stream.get_final_response()
    assert response.output_text == "Hello"
    assert [item.type for item in response.output] == ["reasoning", "message", "function_call", "function_call"]
    assert response.usage is not None
    assert response.usage.input_tokens_details.cached_tokens == 60
    assert response.usage.output_tokens_details.reasoning_tokens == 5


async def test_ollama_reads_a_full_answer_and_the_lists(server: Server) -> None:
    server.will(FULL)
    client = ollama.AsyncClient(host=server.url)
    lines = [line async for line in await client.chat("model-1", [{"role": "user", "content": "hi"}], stream=True)]
    assert "".join(line.message.content or "" for line in lines) == "Hello"
    assert "".join(line.message.thinking or "" for line in lines) == "I think."
    calls = [c for line in lines for c in line.message.tool_calls or []]
    assert [(c.function.name, c.function.arguments) for c in calls] == [
        ("weather", {"city": "Paris"}),
        ("time", {"zone": "CET"}),
    ]
    last = lines[-1]
    assert (last.done, last.done_reason, last.prompt_eval_count, last.eval_count) == (True, "stop", 100, 20)
    assert [m.model for m in (await client.list()).models] == ["model-1"]
    shown = await client.show("model-1")
    assert (shown.modelinfo or {})["llama.context_length"] == 131_072
    assert (await client.ps()).models == []
    await client._client.aclose()


@pytest.mark.parametrize(("status", "expected"), [(401, "AuthenticationError"), (529, "OverloadedError")])
async def test_anthropic_reads_errors(server: Server, status: int, expected: str) -> None:
    server.will(Reply(status=status, headers={"request-id": "req_9"}))
    async with anthropic.AsyncAnthropic(base_url=server.url, api_key="k", max_retries=0) as client:
        with pytest.raises(anthropic.APIStatusError) as caught:
            await client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}])
    assert type(caught.value).__name__ == expected
    assert caught.value.request_id == "req_9"


async def test_anthropic_reads_an_error_in_mid_stream(server: Server) -> None:
    server.will(Reply(text=("a", "b"), fault="error_event", after=1))
    async with anthropic.AsyncAnthropic(base_url=server.url, api_key="k", max_retries=0) as client:
        stream = await client.messages.create(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}], stream=True
        )
        with pytest.raises(anthropic.APIStatusError) as caught:
            [event async for event in stream]
        await stream.close()
    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


async def test_openai_reads_a_failed_response_and_the_list(server: Server) -> None:
    server.will(Reply(text=("a", "b"), fault="error_event", after=1))
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0) as client:
        stream = await client.responses.create(model="m", input="hi", stream=True)
        types = [event.type async for event in stream]
        models = [m.id async for m in client.models.list()]
    assert types[-1] == "response.failed"
    assert models == ["model-1"]


async def test_it_sees_that_a_client_left(server: Server) -> None:
    server.will(Reply(text=("a",) * 10, fault="stall", after=1))
    async with httpx.AsyncClient() as client, client.stream("POST", f"{server.url}/api/chat", json={"model": "m"}):
        await server.until(lambda: len(server.asked) == 1)
        assert not server.asked[0].finished
    await server.until(lambda: server.asked[0].finished)
    assert server.asked[0].closed_early


@pytest.mark.parametrize(
    "shape", [{"writes": "byte"}, {"writes": "all"}, {"crlf": True}, {"comments": True}, {"framing": "close"}]
)
async def test_the_same_answer_in_every_shape(server: Server, shape: dict[str, Any]) -> None:
    server.will(Reply(text=("Hé", "llo"), **shape))
    async with openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="k", max_retries=0) as client:
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        text = "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])
    assert text == "Héllo"


async def test_replies_find_their_requests(server: Server) -> None:
    server.will(
        Reply(text="route", when={"body": "schema"}),
        Reply(text="other", when={"without": "schema"}, times=None),
    )
    client = ollama.AsyncClient(host=server.url)
    answers = [
        (await client.chat("m", [{"role": "user", "content": word}], stream=True)) for word in ("x", "y", "schema")
    ]
    texts = ["".join([line.message.content or "" async for line in answer]) for answer in answers]
    await client._client.aclose()
    assert texts == ["other", "other", "route"]


def test_a_mistake_in_a_script_is_told() -> None:
    with pytest.raises(ValueError, match="txt"):
        reply_of({"txt": "a"})
    with pytest.raises(ValueError, match="explode"):
        Reply(fault="explode")


async def test_it_runs_as_a_process(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"text": ["a", "b"]}]))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.wires.server", "--script", str(script), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(await process.stdout.readline())}"
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{url}/api/chat", json={"model": "m"})
            requests = (await client.get(f"{url}/_requests")).json()
    finally:
        process.terminate()
        await process.wait()
    assert [json.loads(line)["message"]["content"] for line in answer.text.splitlines()] == ["a", "b", ""]
    assert [r["path"] for r in requests] == ["/api/chat"]
