"""What a person may have done with an answer that died in its middle."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.errors import Failure, Kind, ProviderFailure
from ralph.core.llm.request import Answer, Item, Piece, Request, Restart
from ralph.core.log.recording import ModelCall
from ralph.core.ports.face import Consent
from ralph.gateway.resume import GO_ON, OVERLAP, AfterOutput, Join, Resume, without_overlap
from tests.frozen import FrozenClock
from tests.gateway.doubles import REF, Here, Notebook, Steps

CUT = ProviderFailure(Kind.NETWORK, "the connection was lost")


class Person:
    """Somebody who always picks the same."""

    def __init__(self, picks: str | None) -> None:
        self.picks = picks

    async def allow(self, consent: Consent) -> bool:
        return False

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        return self.picks


async def run(inner: Steps, after: AfterOutput, person: Person | None, visible: bool = True) -> list[Item]:
    gateway = Resume(inner, after, lambda: person, FrozenClock())
    request = Request("m", (), visible=visible)
    return [item async for item in gateway.stream(ModelCall(REF, request, Here(), Notebook()))]


def text_of(items: list[Item]) -> str:
    made = ""
    for item in items:
        made = "" if isinstance(item, Restart) else made + (item.text if isinstance(item, Piece) else "")
    return made


@pytest.mark.parametrize(
    ("after", "person"), [("keep", Person("restart")), ("continue", None), ("ask", None), ("ask", Person(None)),
                          ("ask", Person("keep"))],
)  # fmt: skip
async def test_what_came_is_kept(after: AfterOutput, person: Person | None) -> None:
    inner = Steps(("Some words", CUT), "never")
    with pytest.raises(Failure, match="connection was lost"):
        await run(inner, after, person)
    assert len(inner.asked) == 1


@pytest.mark.parametrize(("after", "picks"), [("restart", None), ("ask", "restart")])
async def test_it_begins_again(after: AfterOutput, picks: str | None) -> None:
    items = await run(Steps(("Some words", CUT), "Other words"), after, Person(picks))
    assert text_of(items) == "Other words"
    assert sum(isinstance(i, Restart) for i in items) == 1


@pytest.mark.parametrize("more", [" and more", "words and more", "Some words and more", " and more" + "!" * OVERLAP])
async def test_it_goes_on_without_saying_anything_twice(more: str) -> None:
    inner = Steps(("Some words", CUT), more)
    items = await run(inner, "continue", Person(None))
    assert text_of(items) == "Some words and more" + "!" * more.count("!")
    last = items[-1]
    assert isinstance(last, Answer)
    assert "".join(getattr(p, "text", "") for p in last.content.parts) == text_of(items)


async def test_going_on_is_a_new_request_and_no_prefill() -> None:
    inner = Steps(("Some words", CUT), " more")
    seen: list[Request] = []
    stream = inner.stream

    def spy(call: ModelCall) -> AsyncGenerator[Item, None]:
        seen.append(call.request)
        return stream(call)

    inner.stream = spy  # type: ignore[method-assign]
    await run(inner, "continue", Person(None))
    assert [m.role for m in seen[1].messages] == ["assistant", "user"]
    assert seen[1].messages[1].text == GO_ON


@pytest.mark.parametrize("kind", [Kind.BUDGET, Kind.REFUSAL, Kind.OUTPUT_LIMIT, Kind.AUTH, Kind.CONTEXT_LENGTH])
async def test_other_ends_are_ends(kind: Kind) -> None:
    with pytest.raises(Failure):
        await run(Steps(("Some words", ProviderFailure(kind, "no")), "never"), "restart", Person(None))


async def test_a_step_that_nobody_reads_is_not_resumed() -> None:
    with pytest.raises(Failure):
        await run(Steps(("{", CUT), "never"), "restart", Person(None), visible=False)


@given(st.text(max_size=40), st.text(max_size=40), st.lists(st.integers(1, 9)))
def test_a_join_loses_nothing_new(before: str, after: str, sizes: list[int]) -> None:
    join, shown, left = Join(before), "", after
    for size in sizes:
        piece, left = left[:size], left[size:]
        shown += join.add(piece)
    shown += join.add(left) + join.end()
    assert join.whole == before + shown
    assert shown == without_overlap(before, after)
