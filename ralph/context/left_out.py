"""The notes about earlier turns that a request does not carry; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ralph.core.formatting import join_words
from ralph.core.log.events import Note
from ralph.core.timeline.timeline import Timeline

KIND = "context.left_out"
# The note appears the first time and at each further ten turns: later every turn leaves out one more.
EVERY = 10


def find_left_out(timeline: Timeline, sent: Collection[int]) -> tuple[int, ...]:
    """Return the numbers of the turns that are not sent, including turns that are not loaded."""
    return tuple(n for n in range(1, timeline.last_turn + 1) if n not in sent)


def make_note(numbers: Sequence[int], before: int) -> Note | None:
    """Return the note of a turn that leaves these out, if the turn before left out `before` turns; None for a change
    that is too small for another note."""
    if _mark(len(numbers)) <= _mark(before):
        return None
    verb = "turn {} is" if len(numbers) == 1 else "turns {} are"
    text = f"{verb.format(_ranges(numbers))} no longer sent; /pin keeps a turn, /context shows what is sent"
    return Note(KIND, text, data={"loud": True, "turns": list(numbers)})


def _mark(count: int) -> int:
    """Return how many notes there have been if this many turns are left out."""
    return 0 if not count else 1 + count // EVERY


def _ranges(numbers: Sequence[int]) -> str:
    """`1 and 2`, `1 to 4`, `1, 3 to 7 and 9`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    words = [[f"{one[0]} to {one[-1]}"] if len(one) > 2 else list(map(str, one)) for one in spans]
    return join_words([word for span in words for word in span])
