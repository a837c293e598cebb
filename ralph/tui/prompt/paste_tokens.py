"""The tokens of large pastes: the prompt shows a token, and the message has the whole paste."""

from __future__ import annotations

import re

from ralph.core.formatting import plural

LINES = 10
CHARACTERS = 2_000
# A text that is written back into the prompt (an old message, a file from the editor) may be longer, because a person
# edits it.
WRITTEN_LINES = 200
WRITTEN_CHARACTERS = 20_000
HEAD_CHARACTERS = 200

_TOKEN = re.compile(r"\[paste \d+: [\d,]+ (?:line|character)s?\]")


class PasteTokens:
    """The pastes of one prompt by their tokens. A token that a person changes becomes plain text."""

    def __init__(self) -> None:
        self._pastes: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._pastes)

    def clear(self) -> None:
        self._pastes.clear()

    def fold(self, text: str) -> str:
        """Return a token for a large text, or a small text unchanged."""
        if text.count("\n") < LINES and len(text) <= CHARACTERS:
            return text
        lines = text.rstrip("\n").count("\n") + 1
        size = plural(lines, "line") if lines > 1 else plural(len(text), "character")
        token = f"[paste {len(self._pastes) + 1}: {size}]"
        self._pastes[token] = text
        return token

    def write(self, text: str) -> str:
        """Return the prompt's form of a whole text: the text itself, or its first line and a token."""
        if text.count("\n") <= WRITTEN_LINES and len(text) <= WRITTEN_CHARACTERS:
            return text
        head, newline, rest = text.partition("\n")
        return head + newline + self.fold(rest) if rest and len(head) <= HEAD_CHARACTERS else self.fold(text)

    def whole(self, text: str) -> str:
        """Replace each token by its paste. A token inside a paste stays."""
        return _TOKEN.sub(lambda found: self._pastes.get(found[0], found[0]), text)

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return the start and the end of each paste in the whole text."""
        made: list[tuple[int, int]] = []
        more = 0
        for found in _TOKEN.finditer(text):
            if found[0] in self._pastes:
                start, size = found.start() + more, len(self._pastes[found[0]])
                made.append((start, start + size))
                more += size - len(found[0])
        return tuple(made)

    def around(self, line: str, column: int) -> tuple[int, int] | None:
        """Return the start and the end of the token around this column, or None."""
        for found in _TOKEN.finditer(line):
            if found.start() < column < found.end() and found[0] in self._pastes:
                return found.span()
        return None
