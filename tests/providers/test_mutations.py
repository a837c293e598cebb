"""Mutated answers: whatever a server does to its stream, nothing hangs, raises, is lost, or is made up.

A few of each kind, chosen by a seed; `python -m tests.bench.mutations` runs all of them.
"""

from __future__ import annotations

import pytest

from tests.providers.mutated import Bench, faults, judge_all
from tests.wires.mutations import Mutation, sample
from tests.wires.recordings import WIRES, Recording, framed, recordings

SEED = 20261128
EACH = 90


@pytest.mark.parametrize("wire", WIRES)
async def test_mutated_answers(wire: str) -> None:
    judged = await judge_all(wire, sample(wire, SEED, EACH))
    assert len(judged) >= EACH
    wrong = [f"{m.kind} {m.where}: {'; '.join(found)} [{made.outcome}]" for m, made, found in judged if found]
    assert wrong == []


@pytest.mark.parametrize("wire", WIRES)
async def test_recordings_as_they_are(wire: str) -> None:
    """All of them are whole, their figures believed, and their calls run as they were sent."""
    bench = Bench(wire)
    for name, recording in recordings(wire).items():
        frames = tuple(framed(wire, event) for event in recording)
        made, wrong = await bench.judge(Mutation("split", name, wire, recording, recording, frames))
        assert (wrong, made.failure) == ([], None), name
        assert made.report.doubtful in (None, {}), name
        assert made.report.usage is not None, name


SENT = recordings("chat")["text"]


@pytest.mark.parametrize(
    ("came", "claimed", "told"),
    [
        ([e for e in SENT if "Rivers" not in str(e)], SENT, "lost 'Rivers' of the text"),
        ([*SENT[:2], *SENT[1:]], SENT, "'Rivers' shown 2 times"),
        (SENT, [e for e in SENT if e != "[DONE]" and "'stop'" not in str(e)], "ok without an end"),
        (SENT, [e for e in SENT if "1201" not in str(e)], "input 1201 was never told"),
    ],
)
async def test_the_judge_is_not_blind(came: Recording, claimed: Recording, told: str) -> None:
    made = await Bench("chat").feed([framed("chat", event) for event in came])
    chunks = tuple(framed("chat", event) for event in claimed)
    assert told in faults(Mutation("drop", "", "chat", SENT, claimed, chunks), made)
