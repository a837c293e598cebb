"""What is told of earlier turns that a request does not carry; pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ralph.core.formatting import join_words
from ralph.core.log.events import Note
from ralph.core.timeline.timeline import Timeline

KIND = "context.left_out"
# It is told the first time, and again at each further ten: from then on every turn leaves one more out.
EVERY = 10


def find_left_out(timeline: Timeline, sent: Collection[int]) -> tuple[int, ...]:
    """The numbers of the turns that are not sent, those that are not loaded among them."""
    return tuple(n for n in range(1, timeline.last_turn + 1) if n not in sent)


def make_note(numbers: Sequence[int], before: int) -> Note | None:
    """The note of a turn that leaves these out, where the turn before it left out `before` turns; None for a change
    that is too small to be told again."""
    if _mark(len(numbers)) <= _mark(before):
        return None
    verb = "turn {} is" if len(numbers) == 1 else "turns {} are"
    text = f"{verb.format(_ranges(numbers))} no longer sent; /pin keeps a turn, /context shows what is sent"
    return Note(KIND, text, data={"loud": True, "turns": list(numbers)})


def _mark(count: int) -> int:
    """How often it has been told when so many are left out."""
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
