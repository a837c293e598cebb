"""Going back and forth in what was written: what was sent, and what gave way in the prompt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ralph.tui.prompt.pasted import plain
from ralph.tui.text import clean_but_tabs

# The place behind the newest prompt, where one writes.
DRAFT = ""


class PromptHistory:
    """Prompts, oldest first: those of other timelines, then this one's own. What is changed while one walks stays as
    it was left, and so does the draft; what is left over when another text is sent or put into the prompt is a prompt
    of its own from then on, until ralph ends.

    What comes with the signs of a paste is kept without; `recall_typed` gives them back.
    """

    def __init__(self) -> None:
        self._others: list[str] = []
        self._own: list[str] = []
        self._unsent: dict[str, str] = {}  # each with what was sent after it
        self._all: list[str] = []
        self._place = 0
        self._edits: dict[str, str] = {}  # by the prompt that they were made of
        self._typed: dict[str, str] = {}

    @property
    def prompts(self) -> Sequence[str]:
        return self._all

    def own(self, prompts: Iterable[str]) -> None:
        """Another timeline's prompts are now this one's."""
        self._own = self._keep(prompts)
        self._leave()

    def others(self, prompts: Iterable[str]) -> None:
        """What the file of all timelines holds. Whoever is on the way back stays where they are."""
        back = len(self._all) - self._place
        self._others = self._keep(prompts, known=True)
        self._join()
        self._place = max(0, len(self._all) - back)

    def add(self, prompt: str) -> bool:
        """It was sent. Whether something else that was written is called up by Up now."""
        self._edits.pop(self._here, None)
        self._own += self._keep([prompt], known=True)
        left = self._leave(prompt)
        self._unsent = {text: after or plain(prompt) for text, after in self._unsent.items()}
        self._leave()
        return left

    def aside(self, standing: str, coming: str) -> bool:
        """What stands in the prompt gives way to what is `coming`. Whether something is called up by Up now."""
        self._note(standing)
        return self._leave(coming)

    def earlier(self, standing: str) -> str | None:
        """The prompt before; None at the oldest."""
        if not self._place:
            return None
        self._note(standing)
        self._place -= 1
        return self._edits.get(self._here, self._here)

    def later(self, standing: str) -> str | None:
        """The prompt after, the draft after the newest; None where one already stands on the draft."""
        if self._place == len(self._all):
            return None
        self._note(standing)
        self._place += 1
        return self._edits.get(self._here, self._here)

    def recall_typed(self, prompt: str) -> str:
        """As it was typed when it was sent last."""
        return self._typed.get(prompt, prompt)

    @property
    def _here(self) -> str:
        return self._all[self._place] if self._place < len(self._all) else DRAFT

    def _note(self, standing: str) -> None:
        """What was made of the prompt on which one stands."""
        self._edits.pop(self._here, None)
        if plain(standing) != clean_but_tabs(self._here):
            self._edits[self._here] = standing

    def _leave(self, instead: str = "") -> bool:
        """What was made on the way and is not part of what comes `instead` is kept; one stands on the draft again."""
        lines = f"\n{plain(instead)}\n"
        left = [text for text in self._edits.values() if text.strip() and f"\n{plain(text)}\n" not in lines]
        self._edits.clear()
        for text in self._keep(left, known=True):
            self._unsent.pop(text, None)
            self._unsent[text] = ""
        self._join()
        self._place = len(self._all)
        return bool(left)

    def _keep(self, prompts: Iterable[str], *, known: bool = False) -> list[str]:
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
        """Each prompt once, where it was written last; what was not sent, before what was sent after it."""
        sent = dict.fromkeys(reversed([*self._others, *self._own]))
        newest = next(iter(sent), "")
        before: dict[str, list[str]] = {}
        for text, after in reversed(self._unsent.items()):
            before.setdefault(after if after in sent or not after else newest, []).append(text)
        latest_first = before.get("", [])
        for prompt in sent:
            latest_first += [prompt, *before.get(prompt, ())]
        self._all = list(reversed(dict.fromkeys(latest_first)))
