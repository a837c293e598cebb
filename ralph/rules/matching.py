"""Turns a question into tool calls: the whole question by one rule, or each part by one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

from ralph.core.timeline.decision import RouteDecision
from ralph.language.sentence import MAX_PARTS, cuts, plain, trim_courtesies
from ralph.rules import (
    arithmetic,
    calendar_questions,
    conversions,
    file_questions,
    search_questions,
    timeline_questions,
    topics,
)
from ralph.rules.plan import Match
from ralph.rules.tool_hints import find_hints

Rule = Callable[[str], Match | None]

RULES: tuple[Rule, ...] = (
    arithmetic.match,
    conversions.match,
    file_questions.match,
    timeline_questions.match,
    search_questions.match,
    topics.match,
)


def match(prompt: str, tools: Collection[str], today: date, *, talking: bool = False) -> Match | None:
    """Return the calls that answer the whole prompt, using only `tools`; else a hint or None.

    `talking`: a model answered earlier turns, so `how do I stop it?` may refer to its words. Then only a question
    that names ralph is answered from the guides. Any text takes a few milliseconds, and nothing is raised.
    """
    text = plain(prompt)
    if not text:
        return None
    found = _parts(text, 0, today, {}) or topics.match_prompt(prompt, text)
    if found and talking and "guides" in found.tools and not topics.names_ralph(prompt):
        found = None
    if found is None or len(found.calls) > MAX_PARTS or not set(found.tools) <= set(tools):
        return _hint(text, tools, today)
    return found


def _hint(text: str, tools: Collection[str], today: date) -> Match | None:
    """Return a hint for a question that is partly understood: a part of the question, or a file in it."""
    edges = [0, *(end for cut in cuts(text) for end in cut), len(text)]
    parts = (_single(text[start:end], today) for start, end in zip(edges[::2], edges[1::2], strict=True))
    names = [name for part in parts if part for name in part.tools]
    names += find_hints(text)
    hints = tuple(dict.fromkeys(name for name in names if name in tools))
    return Match((), "other", "understood in part", complete=False, hints=hints) if hints else None


def decide(prompt: str, tools: Collection[str], today: date, *, talking: bool = False) -> RouteDecision:
    """Return the route's decision without a model. There always is one."""
    found = match(prompt, tools, today, talking=talking)
    if found is None:
        return RouteDecision(intent="question", difficulty="medium", reason="no rule matched")
    if not found.complete:
        return RouteDecision(found.tools, 3, found.intent, "medium", found.reason)
    return RouteDecision(found.tools, 1, found.intent, "low", found.reason)


def _parts(text: str, start: int, today: date, seen: dict[int, Match | None]) -> Match | None:
    """Return the match for the text from `start` on: as one question, or as one question and the rest."""
    if start not in seen:
        seen[start] = None
        rest = text[start:]
        found = _single(rest, today)
        for end, begin in cuts(rest) if found is None else ():
            first = _single(rest[:end], today)
            others = _parts(text, start + begin, today, seen) if first else None
            if first and others:
                found = _join(first, others)
                break
        seen[start] = found
    return seen[start]


def _single(text: str, today: date) -> Match | None:
    text = trim_courtesies(text)
    if not text:
        return None
    return calendar_questions.match(text, today) or next((found for rule in RULES if (found := rule(text))), None)


def _join(first: Match, others: Match) -> Match:
    intent = first.intent if first.intent == others.intent else "other"
    calls = tuple(c for n, c in enumerate(first.calls + others.calls) if c not in (first.calls + others.calls)[:n])
    reason = first.reason if others.reason == first.reason else f"{first.reason} and {others.reason}"
    return Match(calls, intent, reason, exact=first.exact and others.exact)
