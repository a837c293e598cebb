"""The provider without a model."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any

import pytest

from ralph import registry
from ralph.core.errors import Kind, ProviderFailure
from ralph.core.llm.messages import CallPart, Message, ResultPart, TextPart, user
from ralph.core.llm.request import Answer, Item, Piece, Request, ToolSpec
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.core.timeline import decision

CALCULATE = ToolSpec("calculate", "computes", {"type": "object"})


async def _stream(role: str, *messages: Message, **more: Any) -> list[Item]:
    provider = registry.load("providers", "builtin").open(ProviderSettings("builtin", "builtin"))
    async with aclosing(provider.stream(Request("rules", messages, role=role, **more))) as items:  # type: ignore[arg-type]
        return [item async for item in items]


def _results(*made: tuple[str, dict[str, Any], str, bool]) -> tuple[Message, Message]:
    calls = tuple(CallPart(f"call_{n}", name, arguments) for n, (name, arguments, _, _) in enumerate(made))
    results = tuple(ResultPart(f"call_{n}", name, out, error=bad) for n, (name, _, out, bad) in enumerate(made))
    return Message("assistant", calls), Message("user", results)


async def _answer(*made: tuple[str, dict[str, Any], str, bool]) -> str:
    items = await _stream("format", user("?"), *_results(*made))
    text = "".join(item.text for item in items if isinstance(item, Piece))
    assert isinstance(items[-1], Answer)
    assert items[-1].content.parts == (TextPart(text),)
    return text


def test_it_sends_nothing_and_costs_nothing() -> None:
    spec = registry.load("providers", "builtin")
    traits = spec.open(ProviderSettings("builtin", "builtin")).traits
    assert (traits.sends_requests, traits.local, traits.free) == (False, True, True)
    assert (spec.local, spec.free, spec.needs_key, spec.preferred["format"]) == (True, True, False, "rules")


async def test_it_lists_its_one_model() -> None:
    provider = registry.load("providers", "builtin").open(ProviderSettings("builtin", "builtin"))
    assert [m.name for m in await provider.models()] == ["rules"]
    await provider.warm()
    await provider.aclose()


async def test_route_answers_with_a_decision_over_the_tools_of_its_schema() -> None:
    items = await _stream("route", user("what is 2+2?"), schema=decision.schema(["calculate", "files"]))
    assert isinstance(items[0], Piece)
    assert decision.read(items[0].text).tools == ("calculate",)
    items = await _stream("route", user("what is 2+2?"), schema=decision.schema(["files"]))
    assert isinstance(items[0], Piece)
    assert decision.read(items[0].text).tools == ()


async def test_route_offers_no_tools_for_what_is_understood_in_part() -> None:
    items = await _stream("route", user("read a.txt and explain it"), schema=decision.schema(["files"]))
    assert isinstance(items[0], Piece)
    assert json.loads(items[0].text)["tools"] == []


async def test_tool_calls_and_then_is_done() -> None:
    asked = user("what is 2+2, and what is 3*3?")
    items = await _stream("tool", asked, tools=(CALCULATE,))
    assert items[-1] == Answer("tool_calls", items[-1].content)  # type: ignore[union-attr]
    calls = items[-1].content.parts  # type: ignore[union-attr]
    assert [(c.id, c.name, dict(c.arguments)) for c in calls] == [
        ("b1", "calculate", {"expression": "2 + 2"}),
        ("b2", "calculate", {"expression": "3 * 3"}),
    ]
    results = Message("user", tuple(ResultPart(c.id, c.name, "4") for c in calls))
    done = await _stream("tool", asked, Message("assistant", calls), results, tools=(CALCULATE,))
    assert isinstance(done[-1], Answer)
    assert done[-1].stop_reason == "stop"


async def test_results_of_an_earlier_turn_are_no_answer_to_this_one() -> None:
    earlier = (user("what is 2+2?"), *_results(("calculate", {"expression": "2 + 2"}, "4", False)))
    said = Message("assistant", (TextPart("4"),))
    with pytest.raises(ProviderFailure) as failed:
        await _stream("format", *earlier, said, user("why?"))
    assert failed.value.kind is Kind.NO_MODEL


@pytest.mark.parametrize("role", ["format", "summarise"])
async def test_without_results_it_names_the_ways_to_a_model(role: str) -> None:
    with pytest.raises(ProviderFailure) as failed:
        await _stream(role, user("what is love?"))
    first, *rest = failed.value.message.splitlines()
    assert failed.value.kind is Kind.NO_MODEL
    assert failed.value.rejected
    assert "needs a model" in first
    assert len(first) < 120
    assert any("ANTHROPIC_API_KEY" in line and "ralph -m anthropic:" in line for line in rest)
    assert any("ollama" in line for line in rest)


async def test_no_message_at_all_needs_a_model_too() -> None:
    with pytest.raises(ProviderFailure):
        await _stream("format")


@pytest.mark.parametrize(
    ("expression", "output", "said"),
    [
        ("17% of 2340", "397.8", "17% of 2340 is 397.8."),
        ("10 / 3", "≈ 3.33333333333", "10 / 3 is about 3.33333333333."),
        ("12 * 7 * 2", "168", "12 × 7 × 2 is 168."),
        ("isprime(91)", "false", "No: 91 is not a prime number."),
        ("17 mod 2 = 1", "true", "Yes: 17 is odd."),
        ("17 mod 2 = 0", "false", "No: 17 is odd."),
        ("100 mod 7 = 0", "false", "No: 100 is not divisible by 7."),
        ("2 + 2 = 5", "false", "No: 2 + 2 is not 5."),
        ("3 > 2", "true", "Yes: 3 > 2 is true."),
        ("percentage(20, 80)", "25%", "20 is 25% of 80."),
        ("max(9.11, 9.9)", "9.9", "The largest of 9.11, 9.9 is 9.9."),
        ("round(2.675, 2)", "2.68", "2.675 rounded to 2 decimal places is 2.68."),
        ("sin(1)", "≈ 0.841470984808", "sin(1) is about 0.841470984808 (angles in radians)."),
        ("sin(30°)", "0.5", "sin(30°) is 0.5."),
    ],
)
async def test_sums_are_told_as_people_do(expression: str, output: str, said: str) -> None:
    assert await _answer(("calculate", {"expression": expression}, output, False)) == said


async def test_a_tool_that_failed_is_told_as_it_is() -> None:
    told = await _answer(("calculate", {"expression": "1 / 0"}, "division by zero has no result", True))
    assert told == "1 / 0 has no answer here: division by zero has no result."
    assert await _answer(("files", {"path": "x"}, "there is no file 'x' here", True)) == "There is no file 'x' here."


async def test_short_answers_share_a_line_and_long_ones_do_not() -> None:
    told = await _answer(
        ("calculate", {"expression": "2 + 2"}, "4", False),
        ("files", {"path": "README.md"}, "README.md has 212 lines.", False),
        ("files", {"path": "a.txt"}, "a.txt:\n\n```\nx\n```", False),
        ("convert", {"quantity": "10 km", "to": "miles"}, "10 km ≈ 6.21371 miles", False),
    )
    assert told == ("2 + 2 is 4. README.md has 212 lines.\n\na.txt:\n\n```\nx\n```\n\n10 km is about 6.21371 miles.")


async def test_a_long_answer_comes_in_pieces() -> None:
    long = "\n".join(f"line {n}" for n in range(500))
    items = await _stream("format", user("?"), *_results(("files", {}, long, False)))
    assert len(items) > 5
