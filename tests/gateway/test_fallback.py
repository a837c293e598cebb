"""The next model takes over where it could do better, never silently, never after something was seen."""

from __future__ import annotations

import pytest

from ralph.core.errors import Failure, Kind, NotSent, ProviderFailure
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Piece, Request, Restart
from ralph.gateway.fallback import Fallback
from tests.gateway.doubles import REF, Notebook, Steps, collect

SECOND, THIRD = ModelRef("ollama", "small"), ModelRef("groq", "large")
WINDOWS = {REF: 100, SECOND: 50, THIRD: 200}
STAYS = {
    Kind.USAGE, Kind.CONFIG, Kind.NO_MODEL, Kind.BAD_REQUEST, Kind.BUDGET, Kind.REFUSAL, Kind.APPROVAL,
    Kind.CONTEXT_LENGTH, Kind.OUTPUT_LIMIT, Kind.CANCELLED, Kind.INTERRUPTED, Kind.DEADLINE, Kind.NOT_FOUND,
    Kind.BUSY, Kind.STORE, Kind.IO, Kind.INTERNAL,
}  # fmt: skip


async def window(ref: ModelRef) -> int | None:
    return WINDOWS.get(ref)


def chain(inner: Steps, *, on_refusal: bool = False) -> Fallback:
    return Fallback(inner, lambda _: [SECOND, THIRD], window, on_refusal=on_refusal)


@pytest.mark.parametrize("kind", list(Kind))
async def test_which_failures_another_model_may_mend(kind: Kind) -> None:
    inner, notebook = Steps(ProviderFailure(kind, "it failed"), "ok"), Notebook()
    if kind in STAYS - {Kind.CONTEXT_LENGTH}:
        with pytest.raises(Failure, match="it failed"):
            await collect(chain(inner), notebook)
        assert (inner.asked, notebook.notes) == ([REF], [])
    else:
        assert await collect(chain(inner), notebook)
        assert inner.asked[1] == (THIRD if kind is Kind.CONTEXT_LENGTH else SECOND)
        assert notebook.notes == ["fallback"]


async def test_a_refusal_goes_on_only_where_the_person_wants_it() -> None:
    inner = Steps(ProviderFailure(Kind.REFUSAL, "no"), "ok")
    assert await collect(chain(inner, on_refusal=True), Notebook())


async def test_the_first_failure_is_the_one_to_act_on() -> None:
    inner = Steps(ProviderFailure(Kind.AUTH, "a wrong key"), NotSent(Kind.NO_KEY, "no key"), NotSent(Kind.NETWORK, "x"))
    notebook = Notebook()
    with pytest.raises(ProviderFailure, match=r"a wrong key .then asked ollama:small, groq:large, which failed too"):
        await collect(chain(inner), notebook)
    assert notebook.notes == ["fallback", "fallback"]


async def test_a_failure_that_is_told_with_more_stays_as_it_was_raised() -> None:
    failure = ProviderFailure(Kind.RATE_LIMIT, "too many", rejected=True, retry_after_s=7.0, request_id="req_1")
    with pytest.raises(ProviderFailure, match="then asked") as caught:
        await collect(chain(Steps(failure)), Notebook())
    assert (failure.message, str(failure)) == ("too many", "too many")
    told = caught.value
    assert (told.kind, told.rejected, told.retry_after_s, told.request_id) == (Kind.RATE_LIMIT, True, 7.0, "req_1")
    assert str(told) == told.message


async def test_nothing_that_was_seen_is_answered_by_another() -> None:
    inner = Steps(("Some words", ProviderFailure(Kind.NETWORK, "cut")), "never")
    with pytest.raises(Failure, match="cut"):
        await collect(chain(inner), Notebook())
    assert inner.asked == [REF]


async def test_a_step_that_nobody_reads_begins_again_elsewhere() -> None:
    inner = Steps(("{", ProviderFailure(Kind.NETWORK, "cut")), "whole")
    items = await collect(chain(inner), Notebook(), request=Request("m", (), role="tool"))
    assert [type(i) for i in items[:3]] == [Piece, Restart, Piece]
