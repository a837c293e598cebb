"""The history of the prompt: the prompts that were sent, and the texts that were set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ralph.tui.prompt.pasted import plain
from ralph.tui.text import clean_but_tabs

# The text at the place after the newest prompt, where a person writes.
DRAFT = ""


class PromptHistory:
    """Prompts, oldest first: those of other timelines, then those of this timeline.

    A person who walks through the history may change a prompt or the draft. The change stays while the walk lasts. When
    another text is sent or put into the prompt, a changed text becomes a prompt of its own until ralph ends. A prompt
    with signs of a paste is kept without the signs; `recall_typed` returns it with them.
    """

    def __init__(self) -> None:
        self._others: list[str] = []
        self._own: list[str] = []
        self._unsent: dict[str, str] = {}  # unsent text: the prompt that was sent after it
        self._all: list[str] = []
        self._place = 0
        self._edits: dict[str, str] = {}  # prompt: the text that a person made of it
        self._typed: dict[str, str] = {}

    @property
    def prompts(self) -> Sequence[str]:
        return self._all

    def own(self, prompts: Iterable[str]) -> None:
        """Replace the prompts of this timeline, because another timeline is open."""
        self._own = self._keep(prompts)
        self._leave()

    def others(self, prompts: Iterable[str]) -> None:
        """Replace the prompts of other timelines. The place in the walk stays the same."""
        back = len(self._all) - self._place
        self._others = self._keep(prompts, known=True)
        self._join()
        self._place = max(0, len(self._all) - back)

    def add(self, prompt: str) -> bool:
        """Add a prompt that was sent. Return whether another written text can now be recalled with Up."""
        self._edits.pop(self._here, None)
        self._own += self._keep([prompt], known=True)
        left = self._leave(prompt)
        self._unsent = {text: after or plain(prompt) for text, after in self._unsent.items()}
        self._leave()
        return left

    def aside(self, standing: str, coming: str) -> bool:
        """Set the text `standing` in the prompt aside for the text `coming`. Return whether Up now recalls a text."""
        self._note(standing)
        return self._leave(coming)

    def earlier(self, standing: str) -> str | None:
        """Return the previous prompt, or None at the oldest. `standing` is the text in the prompt."""
        if not self._place:
            return None
        self._note(standing)
        self._place -= 1
        return self._edits.get(self._here, self._here)

    def later(self, standing: str) -> str | None:
        """Return the next prompt, or the draft after the newest, or None at the draft."""
        if self._place == len(self._all):
            return None
        self._note(standing)
        self._place += 1
        return self._edits.get(self._here, self._here)

    def recall_typed(self, prompt: str) -> str:
        """Return a prompt as a person typed it, with the signs of its pastes."""
        return self._typed.get(prompt, prompt)

    @property
    def _here(self) -> str:
        return self._all[self._place] if self._place < len(self._all) else DRAFT

    def _note(self, standing: str) -> None:
        """Keep the text that a person made of the prompt at this place."""
        self._edits.pop(self._here, None)
        if plain(standing) != clean_but_tabs(self._here):
            self._edits[self._here] = standing

    def _leave(self, instead: str = "") -> bool:
        """Keep the changed texts that are not part of `instead`, and go to the draft. Return whether there were any."""
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
        """Return the prompts without signs. `known`: a prompt without signs was typed so. Timelines store no signs."""
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
        """Put each prompt once at its latest place, and each unsent text before the prompt that was sent after it."""
        sent = dict.fromkeys(reversed([*self._others, *self._own]))
        newest = next(iter(sent), "")
        before: dict[str, list[str]] = {}
        for text, after in reversed(self._unsent.items()):
            before.setdefault(after if after in sent or not after else newest, []).append(text)
        latest_first = before.get("", [])
        for prompt in sent:
            latest_first += [prompt, *before.get(prompt, ())]
        self._all = list(reversed(dict.fromkeys(latest_first)))
