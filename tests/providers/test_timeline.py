"""A stored timeline's streams, played again by a provider: same pieces, same pace, same end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from ralph.core.errors import ErrorInfo, Kind, NotFound, ProviderFailure
from ralph.core.llm.messages import Content, Opaque, TextPart, user
from ralph.core.llm.provider import Provider
from ralph.core.llm.request import Answer, Item, Piece, Report, Request, Role
from ralph.core.llm.usage import Usage
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._timeline_player import streams
from ralph.providers.timeline import PROVIDER
from tests.store.logs import AT

USED = Usage(10, output=4, source="reported")


def asked(
    n: int, prompt: str, text: str, *, stored: str | None = None, error: ErrorInfo | None = None
) -> list[ev.Event]:
    """One turn with one request, whose pieces are stored in two halves."""
    half = len(text) // 2
    shown = text if stored is None else stored
    message = None if error else Content((TextPart(text),), Opaque("p", "m", "{}"))
    return [
        ev.TurnStarted(prompt),
        ev.BlockStarted(f"{n}.4", "format"),
        ev.AttemptStarted(f"{n}.4a1", f"{n}.4", "p:m"),
        ev.BlockDelta(f"{n}.4", "text", ((20, shown[:half]), (60, shown[half:]))),
        ev.AttemptFinished(
            f"{n}.4a1", "failed" if error else "ok", error=error, usage=USED, stop_reason="stop", ttft_ms=15.0,
            duration_ms=80.0, message=message,
        ),
        ev.BlockFinished(f"{n}.4", "ok", text=text),
        ev.TurnFinished("ok", text),
    ]  # fmt: skip


def log(*turns: Sequence[ev.Event]) -> list[Envelope]:
    made: list[Envelope] = []
    for number, events in enumerate(turns, start=1):
        for n, event in enumerate(events):
            made.append(Envelope("k3f9w2m7qd", len(made) + 1, number, AT, n * 5.0, event))
    return made


def provider(envelopes: list[Envelope]) -> Provider:
    async def recorded(timeline: str) -> list[Envelope]:
        if timeline != "last":
            raise NotFound(f"there is no timeline '{timeline}'")
        return envelopes

    return PROVIDER.open(ProviderSettings("timeline", "timeline", recorded=recorded))


async def answer(made: Provider, prompt: str, role: Role = "format", name: str = "last") -> list[Item]:
    return [item async for item in made.stream(Request(name, (user(prompt),), role=role))]


def text(items: list[Item]) -> str:
    return "".join(i.text for i in items if isinstance(i, Piece))


async def test_pieces_come_as_they_came() -> None:
    envelopes = log(asked(1, "one?", "one two"))
    assert streams(envelopes)[0].pieces == ((15.0, Piece("text", "one")), (55.0, Piece("text", " two")))
    loop = asyncio.get_running_loop()
    began = loop.time()
    items = await answer(provider(envelopes), "one?")
    assert loop.time() - began >= 0.079
    assert [i for i in items if isinstance(i, Piece)] == [Piece("text", "one"), Piece("text", " two")]
    assert [i for i in items if isinstance(i, Report)][-1].usage == USED
    assert items[-1] == Answer("stop", Content((TextPart("one two"),)))


async def test_the_same_question_gets_its_own_answer_and_another_the_next_one() -> None:
    made = provider(log(asked(1, "one?", "first"), asked(2, "two?", "second"), asked(3, "three?", "third")))
    assert text(await answer(made, "two?")) == "second"
    assert text(await answer(made, "two?")) == "second"
    assert [text(await answer(made, "other")) for _ in range(4)] == ["first", "third", "first", "second"]


async def test_a_failure_is_played_too() -> None:
    made = provider(log(asked(1, "one?", "par", error=ErrorInfo(Kind.OVERLOADED, "too many"))))
    got: list[Item] = []

    async def listen() -> None:
        async for item in made.stream(Request("last", (user("one?"),))):
            got.append(item)

    with pytest.raises(ProviderFailure, match="as it was stored: too many") as caught:
        await listen()
    assert caught.value.kind is Kind.OVERLOADED
    assert text(got) == "par"


async def test_an_answer_whose_pieces_are_not_whole_comes_whole() -> None:
    assert text(await answer(provider(log(asked(1, "one?", "all of it", stored="a"))), "one?")) == "all of it"


@pytest.mark.parametrize(("name", "role"), [("nope", "format"), ("last", "route")])
async def test_what_is_not_there_is_a_failure_that_nobody_pays_for(name: str, role: Role) -> None:
    with pytest.raises(ProviderFailure) as caught:
        await answer(provider(log(asked(1, "one?", "x"))), "one?", role, name)
    assert caught.value.rejected
    with pytest.raises(ProviderFailure, match="no stored timelines"):
        await answer(PROVIDER.open(ProviderSettings("timeline", "timeline")), "one?")
