"""Finds models by a part of their name, among the known models of the connected providers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind, nearest
from ralph.core.llm.refs import ModelRef

# The fewest letters of a part: one letter is in every name.
LEAST = 2
# How many names fit into a sentence.
NAMED = 3
# Numbers from here on are years and not versions.
YEAR = 1000


@frozen
class ConnectedModels(Data):
    """Finds a model by a part of its name. No method sends a request; `priced` may load the price table.

    `connected` names the providers, in their order. `listed` is what a provider listed last in this run. Without a list
    a provider's models are those that it prefers, those of the price table, and those that were `used`.
    """

    connected: Callable[[], Sequence[str]]
    preferred: Callable[[str], Collection[str]]
    listed: Callable[[str], Sequence[str]]
    priced: Callable[[str], Sequence[str]]
    used: Callable[[str], Sequence[str]]

    def find(self, part: str) -> ModelRef | None:
        """Return the one model whose name contains the part, else the provider's preferred one of them; None for none.

        Raises `Failure` if several models match equally.
        """
        word = part.casefold()
        known = self._list_known()
        found = [ref for ref in known if ref.model.casefold() == word]
        if not found and len(word) >= LEAST:
            found = [ref for ref in known if word in ref.model.casefold()]
        meant = found if len(found) < 2 else [ref for ref in found if ref.model in self.preferred(ref.provider)]
        if len(meant) == 1 or not found:
            return next(iter(meant), None)
        first = [*_newest_first(meant), *_newest_first(ref for ref in found if ref not in meant)]
        named = ", ".join(str(ref) for ref in first[:NAMED])
        more = f" and {len(first) - NAMED} more" if len(first) > NAMED else ""
        raise Failure(Kind.UNKNOWN_MODEL, f"'{part}' may mean {named}{more}; write one of them")

    def like(self, text: str) -> tuple[str, ...]:
        """Return refs for a sentence: probable matches, else the preferred models of the connected providers."""
        by_word: dict[str, list[ModelRef]] = {}
        for ref in self._list_known():
            for word in {ref.model, *re.findall(r"[a-z]{3,}", ref.model)}:
                by_word.setdefault(word, []).append(ref)
        close = [str(ref) for word in nearest(text.casefold(), by_word) for ref in _newest_first(by_word[word])]
        preferred = [str(ModelRef(p, m)) for p in self.connected() for m in self.preferred(p)]
        return tuple(dict.fromkeys(close or preferred))[:NAMED]

    def _list_known(self) -> list[ModelRef]:
        found = []
        for provider in self.connected():
            own = (*self.preferred(provider), *self.priced(provider), *self.used(provider))
            found += [ModelRef(provider, name) for name in dict.fromkeys(self.listed(provider) or own) if name]
        return found


def _newest_first(refs: Iterable[ModelRef]) -> list[ModelRef]:
    """Sort refs by the version numbers in their names, without dates: `opus-5-5`, `opus-5`, `opus-4-8`."""
    return sorted(refs, key=lambda r: [n for n in map(int, re.findall(r"\d+", r.model)) if n < YEAR], reverse=True)
