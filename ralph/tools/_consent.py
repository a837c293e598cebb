"""Decides whether a tool call may run: by its effect, overruled by the patterns of the settings and by `--yes`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal

from ralph.core.llm.consent import CallFacts, Decision
from ralph.core.llm.tool import Effect

Verdict = Literal["allowed", "denied", "ask"]

_BY_EFFECT: Mapping[Effect, Verdict] = {
    "none": "allowed",
    "read": "allowed",
    "network": "ask",
    "write": "ask",
    "unknown": "ask",
    "run": "denied",
}


def decide(facts: CallFacts, *, allow: Sequence[str], ask: Sequence[str], deny: Sequence[str], yes: bool) -> Decision:
    """Return the decision on one call, and the reason in words.

    A pattern is a glob over the tool's name, or `name(glob)` over each text among its arguments: `shell(git *)`. The
    `resource` of the call is such a text too, and the only one by which a call can be allowed. `deny` beats all, then
    `ask`, then `allow`, then the effect. `yes` answers every question but overrules no denial.
    """
    name, effect, resource = facts.name, facts.effect, facts.resource
    if isinstance(resource, tuple):
        resource = " ".join(resource)
    texts = tuple(_texts(facts.arguments))
    every = (resource, *texts) if resource else texts
    denied = _first(deny, name, every)
    if denied:
        return Decision("denied", f"tools.deny: {denied}")
    asked = _first(ask, name, every)
    allowed = _first(allow, name, (resource,) if resource else texts, all_of=True)
    if asked:
        return Decision("allowed", "--yes") if yes else Decision("ask", f"tools.ask: {asked}")
    if allowed:
        return Decision("allowed", f"tools.allow: {allowed}")
    verdict = _BY_EFFECT.get(effect, "ask")
    if verdict == "ask" and yes:
        return Decision("allowed", "--yes")
    return Decision(verdict, f"effect {effect}")


def _first(patterns: Iterable[str], name: str, texts: Sequence[str], *, all_of: bool = False) -> str | None:
    return next((p for p in patterns if _fits(p, name, texts, all_of=all_of)), None)


def _fits(pattern: str, name: str, texts: Sequence[str], *, all_of: bool) -> bool:
    """Match a pattern: to allow a call, every text of the call must match (`all_of`); to stop it, one is enough."""
    wanted, opened, inner = pattern.strip().partition("(")
    if not fnmatchcase(name, wanted.strip()):
        return False
    if not opened:
        return True
    found = [fnmatchcase(text, inner.removesuffix(")")) for text in texts]
    return bool(found) and (all(found) if all_of else any(found))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
