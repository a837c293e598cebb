"""The tools that a route request lists: one line each, within a bound of tokens, those that fit the question first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.sanitise import one_line
from ralph.counting import estimate

# The most tokens of the lines of tools that are declared on demand.
MAX_TOKENS = 3_000
# The lengths to which descriptions are cut, until all lines fit.
_LENGTHS = (160, 80, 40)
_WORD = re.compile(r"[^\W_]{3,}")


@frozen
class RouteList(Data):
    """The lines of a route request."""

    lines: tuple[str, ...]
    names: tuple[str, ...]
    """The tools in the lines."""
    left_out: tuple[str, ...] = ()
    """The tools for which there was no room."""


def list_tools(specs: Sequence[ToolSpec], on_demand: Collection[str], question: str) -> RouteList:
    """Return a line for each tool. Tools in `on_demand` share `MAX_TOKENS`: descriptions are cut first, then those
    tools are left out whose words are the furthest from the question."""
    own = [spec for spec in specs if spec.name not in on_demand]
    others = [spec for spec in specs if spec.name in on_demand]
    lines = [_line(spec) for spec in own]
    for length in _LENGTHS:
        cut = [_line(spec, length) for spec in others]
        if sum(map(estimate, cut)) <= MAX_TOKENS:
            return RouteList((*lines, *cut), tuple(s.name for s in (*own, *others)))
    kept = _fit(_rank(others, question))
    lines += [_line(spec, _LENGTHS[-1]) for spec in others if spec.name in kept]
    left = tuple(spec.name for spec in others if spec.name not in kept)
    return RouteList(tuple(lines), tuple(s.name for s in (*own, *others) if s.name not in left), left)


def describe_left_out(left_out: Sequence[str], listed: int) -> str:
    """Return the sentence about tools that the route did not see."""
    return (
        f"the route saw {listed} tools; {len(left_out)} more did not fit into its list and were left out for this "
        f"question, as {left_out[0]}; `tools:` at a server of the configuration chooses fewer"
    )


def _line(spec: ToolSpec, length: int | None = None) -> str:
    first = spec.description.partition(". ")[0]
    if length is None:
        return f"- {spec.name}: {first}"
    words = one_line(first)
    return f"- {spec.name}: {words if len(words) <= length else f'{words[:length].rstrip()}…'}"


def _fit(specs: Iterable[ToolSpec]) -> frozenset[str]:
    kept, room = set(), MAX_TOKENS
    for spec in specs:
        room -= estimate(_line(spec, _LENGTHS[-1]))
        if room < 0:
            break
        kept.add(spec.name)
    return frozenset(kept)


def _rank(specs: Sequence[ToolSpec], question: str) -> list[ToolSpec]:
    """Return the tools, those with the most words of the question first; a rare word counts more."""
    asked = _words(question)
    words = {spec.name: _words(f"{spec.name.replace('_', ' ')} {spec.description}") for spec in specs}
    weight = {word: 1 / (1 + sum(word in one for one in words.values())) for word in asked}
    return sorted(specs, key=lambda spec: -sum(weight[word] for word in asked & words[spec.name]))


def _words(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in _WORD.findall(text.casefold()))
