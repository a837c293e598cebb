"""Saved timelines as lines of a list, and the glimpse into one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len
from textual.content import Content

from ralph.core.formatting import plural
from ralph.core.plain_markdown import plain_markdown
from ralph.core.timeline.rows import Glimpse, TimelineRow
from ralph.tui.brush import column, fit
from ralph.tui.formatting import is_known, price, when
from ralph.tui.text import clean, one_line

PROMPT, ANSWER = 160, 420
# A list of fewer cells has no room for figures.
NARROW = 60
# From this width in cells a line says in full where its timeline is open.
ROOMY = 90
_WORD = re.compile(r"\w+")


def head(width: int) -> Content:
    return Content.styled(_join("title", "turns", "cost", "when", "", width), "$faint")


def line(row: TimelineRow, here: str, now: datetime, searched: str, width: int) -> Content:
    """Return a line, and for an excerpt a second line with its hits marked."""
    title = one_line(row.label)
    moment = when(row.updated_at, now)
    what = state(row, here) if width >= ROOMY else _short(row, here)
    cost = row.charged if is_known(row.cost) else price(row.cost)
    made = Content(_join(title, f"{row.turns:,}", cost, moment, what, width))
    if not row.excerpt:
        return made
    return Content("\n").join([made, mark_words(fit(f"   “{excerpt(row)}”", width), searched)])


def excerpt(row: TimelineRow) -> str:
    """Return the excerpt with the found words, without markdown."""
    return one_line(plain_markdown(row.excerpt))


def state(row: TimelineRow, here: str) -> str:
    """Return in words where the timeline is open, or that it is a fork."""
    return row.place(here) or ("fork" if row.forked_from else "")


def _short(row: TimelineRow, here: str) -> str:
    """Return the state in nine cells, for a narrow list."""
    if row.id == here or not row.busy:
        return state(row, here)
    return "running" if row.running else "elsewhere"


def _join(title: str, turns: str, cost: str, moment: str, what: str, width: int) -> str:
    """Return the columns of a line. The title gets the remaining cells. A narrow line has title and moment only."""
    if width < NARROW:
        tail = "  " + fit(moment, 15)
    else:
        place = fit(what, 25 if width >= ROOMY else 9)
        tail = column(turns, 6) + column(cost, 12) + "  " + fit(moment, 15) + "  " + place
    return fit(title, max(12, width - cell_len(tail))) + tail


def mark_words(text: str, searched: str) -> Content:
    """Mark each word of the text that begins like a searched word, as the search itself matches."""
    words = [_plain(w) for w in _WORD.findall(searched)]
    plain = _plain(text)
    made = Content(text)  # no colours: the highlighted line has its own
    for found in _WORD.finditer(plain):
        for word in words:
            if word and found[0].startswith(word):
                made = made.stylize("bold underline", found.start(), found.start() + len(word))
    return made


def _plain(text: str) -> str:
    """Return small letters without accents, one for each character, so that positions stay the same."""
    return "".join((unicodedata.normalize("NFD", queued)[:1] or queued).casefold()[:1] or queued for queued in text)


def glimpse(row: TimelineRow, turns: Sequence[Glimpse], here: str, searched: str = "") -> list[Content]:
    """Return the title and facts, then the last turns with the searched words marked.

    `here` is the timeline that is open in this window.
    """
    fork = f" · a fork of {row.forked_from}" if row.forked_from else ""
    fork += f" · {row.place(here)}" if row.busy else ""
    made = [
        Content.styled(one_line(row.label), "bold"),
        Content.styled(f"{row.id}{fork} · {plural(row.turns, 'turn')}", "$muted"),
    ]
    for turn in turns:
        asked = mark_words(f"❯ {_cut(turn.prompt, PROMPT)}", searched)
        made += [Content(""), asked.stylize_before("bold $step-user")]
        answer = _cut(plain_markdown(turn.answer), ANSWER)
        told = answer or f"({turn.status or 'running'}, no answer)"
        made.append(mark_words(told, searched) if answer else Content.styled(told, "$muted"))
    return made


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, at most `most` characters, without empty lines."""
    whole = "\n".join(part.rstrip() for part in clean(text).split("\n") if part.strip())
    return whole if len(whole) <= most else whole[: most - 1].rstrip() + "…"
