"""Assembles the blocks of one Anthropic answer from starts and deltas, in whatever order they arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ralph.providers._calls import APART, Calls, parse_arguments
from ralph.providers._decoder import Json
from ralph.providers._texts import as_list, number_of, text_of
from ralph.providers._unicode import pair_halves

Sort = Literal["text", "thinking", "input"]
SORTS: tuple[tuple[str, Sort], ...] = (("thinking", "thinking"), ("text", "text"), ("partial_json", "input"))
_TYPES: dict[Sort, str] = {"text": "text", "thinking": "thinking", "input": "tool_use"}
_KNOWN = ("text", "thinking", "redacted_thinking", "tool_use", "server_tool_use")
_BY_KEY = (("partial_json", "tool_use"), ("name", "tool_use"), ("input", "tool_use"), ("thinking", "thinking"))


class ContentBlock:
    """One block. `begun`: its start arrived. `deltas`: the number of its deltas. `odd`: a delta was not understood.

    `unread`: a delta of a call was not understood, so a call without arguments cannot be taken to have none.
    """

    def __init__(self, place: int | None, start: Json, begun: bool) -> None:
        self.place = place
        self.start = start
        self.begun = begun
        self.closed = False
        self.deltas = 0
        self.odd = False
        self.unread = False
        self.texts: dict[Sort, list[str]] = {"text": [], "thinking": []}
        self.input: list[Any] = []

    @property
    def type(self) -> str:
        """Return the type of the block, or the type that its keys suggest if the server gives none."""
        told = self.start.get("type")
        if isinstance(told, str) and told:
            return told
        return next((type_ for key, type_ in _BY_KEY if key in self.start), "text")

    def fits(self, sort: Sort) -> bool:
        """Return whether a delta of this sort may belong to the block. A block of unknown type may hold anything."""
        type_ = self.type
        if type_ in ("text", "thinking"):
            return sort == type_
        return sort == "input" or type_ not in ("tool_use", "server_tool_use", "redacted_thinking")

    @property
    def arguments(self) -> list[Any]:
        """Return the input of a call: the input of its start, unless deltas carry one."""
        said = [f for f in self.input if f not in ("", None)]
        told = said or [f for f in (self.start.get("input"),) if f not in (None, {}, "")]
        return told or ([APART] if self.unread else [])

    def whole(self) -> Json:
        """Return the block in the form in which the API wants it back."""
        match self.type:
            case "text" | "thinking" as key:
                return {**self.start, "type": key, key: pair_halves("".join(self.texts[key]))}
            case "tool_use":
                return {**self.start, "type": "tool_use", "input": parse_arguments(self.arguments) or {}}
            case _ if self.input:
                return {**self.start, "input": parse_arguments(self.arguments) or {}}
        return self.start


class ContentBlocks:
    """The blocks of an answer. `show` is called with each fragment as it arrives."""

    def __init__(self, show: Callable[[Sort, str], None]) -> None:
        self._show = show
        self._blocks: list[ContentBlock] = []

    def begin(self, index: Any, start: Json) -> None:
        """Take the start of a block, with whatever content the start already holds."""
        place = number_of(index)
        before = self._at(place)
        if before is not None and before.begun and not before.closed and not before.deltas and before.start == start:
            return  # the same start a second time
        block = ContentBlock(place, start, True)
        if before is not None and not before.begun and before.type == block.type:
            before.start, before.begun, block = start, True, before  # the deltas arrived before the start
        else:
            self._blocks.append(block)
        for key, sort in SORTS[:2]:
            if text := text_of(start.get(key)):
                self._add(block, sort, text)

    def close(self, index: Any) -> None:
        block = self._at(number_of(index)) or next((b for b in reversed(self._blocks) if not b.closed), None)
        if block is not None:
            block.closed = True

    def delta(self, index: Any, delta: Json) -> None:
        """Take everything that one delta holds, by its keys: an unknown or missing type hides nothing."""
        place, known = number_of(index), False
        for key, sort in SORTS:
            if key in delta:
                known = True
                self._add_delta(place, sort, delta[key])
        for key in ("signature", "citation"):
            if delta.get(key) is not None:
                known = True
                self._add_mark(place, key, delta[key])
        block = self._at(place)
        if not known and delta and block is not None:
            if block.type not in _KNOWN:
                block.odd = True  # a block that cannot be assembled is never sent back
            elif block.type == "tool_use" and any(value for key, value in delta.items() if key != "type"):
                block.unread = True

    def _add_delta(self, place: int | None, sort: Sort, value: Any) -> None:
        if sort == "input":
            block = self._for(place, sort)
            block.deltas += 1
            block.input.append(value)
            if isinstance(value, str) and value:
                self._show("input", value)
        elif text := text_of(value):
            block = self._for(place, sort)
            block.deltas += 1
            self._add(block, sort, text)

    def _add_mark(self, place: int | None, key: str, value: Any) -> None:
        sort: Sort = "thinking" if key == "signature" else "text"
        block = self._at(place) or next((b for b in reversed(self._blocks) if b.fits(sort)), None)
        if block is None:
            return
        if key == "signature":
            block.start = {**block.start, "signature": value}
        else:
            block.start = {**block.start, "citations": [*as_list(block.start.get("citations")), value]}

    def _add(self, block: ContentBlock, sort: Sort, text: str) -> None:
        block.texts[sort].append(text)
        self._show(sort, text)

    def _for(self, place: int | None, sort: Sort) -> ContentBlock:
        """Return the block at this place; without one, return the open block that such a delta fits, or a new block."""
        block = self._at(place)
        if block is not None and block.fits(sort):
            return block
        open_ = [b for b in self._blocks if not b.closed and b.fits(sort)]
        if place is not None:  # its block is still missing, or has no readable place
            open_ = [b for b in open_ if b.place is None]
        if open_:
            return open_[-1]
        made = ContentBlock(place if block is None else None, {"type": _TYPES[sort]}, False)
        self._blocks.append(made)
        return made

    def _at(self, place: int | None) -> ContentBlock | None:
        """Return the newest block at this place."""
        if place is None:
            return None
        return next((b for b in reversed(self._blocks) if b.place == place), None)

    def sort(self) -> list[ContentBlock]:
        """Return the blocks by place if each has its own, else in order of arrival. Inputs join their calls."""
        blocks = self._reunite()
        places = [b.place for b in blocks]
        if None in places or len(set(places)) < len(places):
            return blocks
        return sorted(blocks, key=lambda b: b.place or 0)

    @property
    def faithful(self) -> bool:
        """Return whether the blocks can go back as they are: nothing was guessed and nothing was left out."""
        return all(b.begun and not b.odd for b in self._blocks)

    def calls(self, blocks: list[ContentBlock]) -> Calls:
        """Return the calls among the blocks."""
        calls = Calls()
        for number, block in enumerate(blocks):
            if block.type == "tool_use":
                calls.open(number, str(block.start.get("id") or ""), str(block.start.get("name") or ""))
                for fragment in block.arguments:
                    calls.add(number, fragment)
        return calls

    def _reunite(self) -> list[ContentBlock]:
        """Give each input without a start to a call without an input. If a pair is incomplete, the calls break."""
        lone = [b for b in self._blocks if b.type == "tool_use" and not b.begun]
        bare = [b for b in self._blocks if b.type == "tool_use" and b.begun and not b.arguments]
        if not lone or not bare:
            return list(self._blocks)
        for number, block in enumerate(bare):
            block.input = lone[number].input if len(lone) == len(bare) else [APART]
            block.odd = True
        return [b for b in self._blocks if b not in lone] if len(lone) == len(bare) else list(self._blocks)
