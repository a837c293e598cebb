"""The models that a part of a name may mean: those of the connected providers, as far as they are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind, nearest
from ralph.core.llm.refs import ModelRef

# One letter is in every name.
LEAST = 2
# So many names fit into a sentence.
NAMED = 3
# A number from here on is no version.
YEAR = 1000


@frozen
class ConnectedModels(Data):
    """Finds a model by a part of its name. No function sends a request; `priced` may load the price table.

    `connected` names the providers, in their order. `listed` is what a provider listed last in this run. Where it
    listed nothing yet, its models are those that it prefers, those of the price table, and those that were `used`.
    """

    connected: Callable[[], Sequence[str]]
    preferred: Callable[[str], Collection[str]]
    listed: Callable[[str], Sequence[str]]
    priced: Callable[[str], Sequence[str]]
    used: Callable[[str], Sequence[str]]

    def find(self, part: str) -> ModelRef | None:
        """The one model whose name holds this, else the one among them that its provider prefers; None for none.

        Raises `Failure` where several are meant alike.
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
        """Refs for a sentence: those that this probably means, else what the connected providers prefer."""
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
    """By the numbers in the names, but not by dates: `opus-5-5`, `opus-5`, `opus-4-8`."""
    return sorted(refs, key=lambda r: [n for n in map(int, re.findall(r"\d+", r.model)) if n < YEAR], reverse=True)
