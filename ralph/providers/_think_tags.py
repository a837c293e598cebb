"""Moves thinking out of the text while it streams, where a server left it there between tags.

Only text at the very beginning of an answer is thinking; a later opening tag belongs to the text. If the chat template
has opened the thinking itself, only the closing tag arrives, and the text before it was thinking. A closing tag in
code, in quotes, or after an opening tag in the text belongs to the text.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

# The tags of models and of the templates of servers that do not split thinking; sources in docs/decisions/001.
TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "[THINK]": "[/THINK]",
}
_ENDS = ("</think>", "</thinking>")
_QUOTES = "\"'`“‘«([{</\\"
_LINE = 2000
_LONGEST = max(map(len, (*TAGS, *TAGS.values())))


class Split(NamedTuple):
    """Text for a channel. `again` means that all text so far was thinking."""

    channel: Literal["text", "thinking"] = "text"
    text: str = ""
    again: bool = False


class ThinkTags:
    """Splits the text of one answer as it arrives. Only the tags and the empty lines around them are removed."""

    def __init__(self) -> None:
        self._state: Literal["start", "thinking", "after", "text", "off"] = "start"
        self._held = ""
        self._closing = ""
        self._line = ""  # the current line of the text so far
        self._fenced = False
        self._opened = False
        self._mentioned = False

    def off(self) -> None:
        """Stop looking for tags, because the server splits the thinking itself."""
        if self._state in ("start", "after", "text"):
            self._state = "off"

    def feed(self, text: str) -> list[Split]:
        """Return the text whose channel is known; text that may be the start of a tag is held back."""
        self._held += text
        made: list[Split] = []
        while self._held and self._step(made):
            pass
        return made

    def end(self) -> list[Split]:
        """Return the text that was held back, since no tag followed."""
        held, self._held = self._held, ""
        made: list[Split] = []
        if self._state == "text" and (place := self._find_close(held, last=True)):
            self._close_late(held, place, made)
            held, self._held = self._held.lstrip(), ""
        if held and not (self._state == "after" and not held.strip()):
            made.append(Split("thinking" if self._state == "thinking" else "text", held))
        return made

    def _step(self, made: list[Split]) -> bool:
        """Take one step. Return False if more text is needed."""
        match self._state:
            case "start" | "after":
                return self._begin(made)
            case "thinking":
                return self._think(made)
            case "text":
                return self._speak(made)
            case _:
                return self._give(made, "text", len(self._held))

    def _begin(self, made: list[Split]) -> bool:
        text = self._held.lstrip()
        for opening, closing in TAGS.items():
            if text.startswith(opening):
                self._held, self._closing = text[len(opening) :], closing
                self._state, self._opened = "thinking", True
                return True
        if not text or any(opening.startswith(text) for opening in TAGS):
            return False
        if self._state == "after":
            self._held = text
        self._state = "off" if self._opened else "text"
        return True

    def _think(self, made: list[Split]) -> bool:
        before, closing, after = self._held.partition(self._closing)
        if closing:
            self._give(made, "thinking", len(before))
            self._held, self._state = after, "after"
            return True
        return self._give(made, "thinking", len(self._held) - _part_of(self._held, (self._closing,)))

    def _speak(self, made: list[Split]) -> bool:
        if "<" not in self._held:
            return self._give(made, "text", len(self._held))
        place = self._find_close(self._held)
        if place is not None:
            held, self._held = self._held, ""
            self._close_late(held, place, made)
            return True
        return self._give(made, "text", len(self._held) - _part_of(self._held, _ENDS))

    def _find_close(self, text: str, *, last: bool = False) -> tuple[int, int] | None:
        """Return the start and end of the closing tag that ends the thinking. `last`: no more text will arrive."""
        at = 0
        while tag := _first(text, at):
            start, at = tag
            line, fenced = self._at(text[:start])
            before, after = line[-1:], text[at : at + 1]
            spoken_of = fenced or line.count("`") % 2 or self._mentioned or _opens(self._line + text[:start])
            glued = not line.strip() or not (before.isspace() or before in _QUOTES)
            ends = after.isspace() or after.isalnum() or (last and not after)
            if glued and ends and not spoken_of:
                return start, at
        return None

    def _close_late(self, text: str, place: tuple[int, int], made: list[Split]) -> None:
        """Handle a closing tag without an opening one: the text up to here was thinking."""
        start, stop = place
        if text[:start]:
            made.append(Split("text", text[:start]))
        made.append(Split(again=True))
        self._held, self._state, self._opened = text[stop:], "after", True

    def _give(self, made: list[Split], channel: Literal["text", "thinking"], length: int) -> bool:
        given, self._held = self._held[:length], self._held[length:]
        if given:
            made.append(Split(channel, given))
            if channel == "text":
                self._mentioned = self._mentioned or _opens(self._line + given)
                line, self._fenced = self._at(given)
                self._line = line[-_LINE:]
        return False

    def _at(self, text: str) -> tuple[str, bool]:
        """Return the line on which the text ends, and whether that line is in a code block."""
        *whole, line = (self._line + text).split("\n")
        fences = sum(one.lstrip().startswith(("```", "~~~")) for one in whole)
        return line, self._fenced ^ bool(fences % 2)


def _first(text: str, at: int) -> tuple[int, int] | None:
    """Return the start and end of the first closing tag from this position."""
    found = [(place, place + len(tag)) for tag in _ENDS if (place := text.find(tag, at)) >= 0]
    return min(found, default=None)


def _opens(text: str) -> bool:
    return any(opening in text for opening in TAGS)


def _part_of(text: str, tags: tuple[str, ...]) -> int:
    """Return how many of the last characters may be a tag, or the start of one."""
    tail = text[-_LONGEST:]
    longest = range(min(len(tail), _LONGEST), 0, -1)
    return next((n for n in longest if any(tag.startswith(tail[-n:]) for tag in tags)), 0)
