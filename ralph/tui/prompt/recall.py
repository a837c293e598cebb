"""Going back and forth in what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ralph.tui.prompt.pasted import plain


class Recall:
    """Prompts, oldest first: those of other timelines, then this one's own. A draft is kept while one walks.

    What comes with the signs of a paste is kept without; `typed` gives them back.
    """

    def __init__(self) -> None:
        self._others: list[str] = []
        self._own: list[str] = []
        self._all: list[str] = []
        self._place = 0
        self._draft = ""
        self._typed: dict[str, str] = {}

    @property
    def prompts(self) -> Sequence[str]:
        return self._all

    def own(self, prompts: Iterable[str]) -> None:
        """Another timeline's prompts are now this one's."""
        self._own = self._kept(prompts)
        self._join()
        self._place = len(self._all)

    def others(self, prompts: Iterable[str]) -> None:
        """What the file of all timelines holds. Whoever is on the way back stays where they are."""
        back = len(self._all) - self._place
        self._others = self._kept(prompts, known=True)
        self._join()
        self._place = max(0, len(self._all) - back)

    def add(self, prompt: str) -> None:
        self._own += self._kept([prompt], known=True)
        self._join()
        self._place, self._draft = len(self._all), ""

    def earlier(self, draft: str) -> str | None:
        """The prompt before; None at the oldest."""
        if not self._place:
            return None
        if self._place == len(self._all):
            self._draft = draft
        self._place -= 1
        return self._all[self._place]

    def later(self) -> str | None:
        """The prompt after, the draft after the newest; None where one already stands on the draft."""
        if self._place == len(self._all):
            return None
        self._place += 1
        return self._all[self._place] if self._place < len(self._all) else self._draft

    def typed(self, prompt: str) -> str:
        """As it was typed when it was sent last."""
        return self._typed.get(prompt, prompt)

    def _kept(self, prompts: Iterable[str], *, known: bool = False) -> list[str]:
        """`known`: what has no signs was typed; a timeline does not know."""
        kept = []
        for typed in prompts:
            prompt = plain(typed)
            if prompt != typed:
                self._typed[prompt] = typed
            elif known:
                self._typed.pop(prompt, None)
            if prompt.strip():
                kept.append(prompt)
        return kept

    def _join(self) -> None:
        """Each prompt once, where it was sent last."""
        latest_first = dict.fromkeys([*reversed(self._own), *reversed(self._others)])
        self._all = list(reversed(latest_first))
