"""The tools that a route request lists: one line each, within a bound of tokens, those that fit the question first."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

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
    """Return a line for each tool. Tools in `on_demand` share `MAX_TOKENS`: descriptions are cut first, then the tools
    whose words are the furthest from the question have only their names, and the last ones are left out."""
    own = [spec for spec in specs if spec.name not in on_demand]
    others = [spec for spec in specs if spec.name in on_demand]
    lines = [_line(spec) for spec in own]
    for length in _LENGTHS:
        cut = [_line(spec, length) for spec in others]
        if sum(map(estimate, cut)) <= MAX_TOKENS:
            return RouteList((*lines, *cut), tuple(s.name for s in (*own, *others)))
    made = _fit(_rank(others, question))
    kept = [spec.name for spec in others if spec.name in made]
    left = tuple(spec.name for spec in others if spec.name not in made)
    return RouteList((*lines, *(made[name] for name in kept)), (*(s.name for s in own), *kept), left)


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


def _fit(specs: Sequence[ToolSpec]) -> dict[str, str]:
    """Return the lines of the tools that fit, the best first: as many with words as there is room for, the next ones
    by name alone."""
    room = MAX_TOKENS
    made: dict[str, str] = {}
    for spec in specs:
        bare = f"- {spec.name}"
        if (room := room - estimate(bare)) < 0:
            break
        made[spec.name] = bare
    for spec in specs:
        line = _line(spec, _LENGTHS[-1])
        more = estimate(line) - estimate(f"- {spec.name}")
        if spec.name not in made or (room := room - more) < 0:
            break
        made[spec.name] = line
    return made


def _rank(specs: Sequence[ToolSpec], question: str) -> list[ToolSpec]:
    """Return the tools, those with the most words of the question first; a rare word counts more."""
    asked = _words(question)
    words = {spec.name: _words(f"{spec.name.replace('_', ' ')} {spec.description}") for spec in specs}
    weight = {word: 1 / (1 + sum(word in one for one in words.values())) for word in asked}
    return sorted(specs, key=lambda spec: -sum(weight[word] for word in asked & words[spec.name]))


def _words(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in _WORD.findall(text.casefold()))
