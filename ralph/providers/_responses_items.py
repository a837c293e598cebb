"""Assembles the output items of an OpenAI Responses answer from deltas and finished forms.

Every text arrives up to five times: in deltas, in `….text.done`, in `content_part.done`, in the item and in the
response. A server may send only one of these forms, so each is compared with the known text; only new text is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from ralph.providers._calls import parse_arguments
from ralph.providers._decoder import Json
from ralph.providers._texts import as_list, as_object, number_of, text_of
from ralph.providers._unicode import pair_halves

Said = Literal["text", "thinking"]
_THINKING = "reasoning"
_CALL = "function_call"


class Segment:
    """One text of an item. `claimed`: the forms that have already repeated the whole text; each does so once."""

    def __init__(self, channel: Said, group: str, place: int) -> None:
        self.channel = channel
        self.group = group
        self.place = place
        self.fragments: list[str] = []
        self.claimed: set[str] = set()

    @property
    def text(self) -> str:
        return pair_halves("".join(self.fragments))


class OutputItem:
    """One output item. `final`: the whole item as the server sent it at the end."""

    def __init__(self, id_: str, index: int | None, type_: str) -> None:
        self.id = id_
        self.index = index
        self.type = type_
        self.call_id = ""
        self.name = ""
        self.final: Json | None = None
        self.closed = False
        self.differs = False
        self.segments: list[Segment] = []
        self.fragments: list[Any] = []
        self.wholes: list[Any] = []

    @property
    def arguments(self) -> list[Any]:
        """Return the call's arguments in the first form that holds any; broken arguments if none can be read."""
        forms = [[w] for w in reversed(self.wholes)] + [self.fragments]
        told = [f for f in forms if any(x not in ("", None) for x in f)]
        readable = [f for f in told if parse_arguments(f)]
        empty = [f for f in told if parse_arguments(f) == {}]
        return next(iter(readable or empty or told), [])

    def goes_by(self, data: Json, index: int | None) -> bool:
        """Return whether the data has the same ids, or the same id and index: it is this item, sent late."""
        id_, call_id = _word(data.get("id")), _word(data.get("call_id"))
        told = [(id_, self.id), (call_id, self.call_id)]
        if id_ and id_ == self.id and index is not None and index == self.index:
            return True
        return any(new for new, _ in told) and all(new in ("", old) for new, old in told)

    def is_another(self, id_: str, index: int | None) -> bool:
        """Return whether both the id and the index differ, so that the data cannot belong to this item."""
        return bool(id_ and self.id) and id_ != self.id and None not in (index, self.index) and index != self.index

    def know(self, data: Json) -> None:
        """Remember the ids of the item."""
        self.id = self.id or _word(data.get("id"))
        self.call_id = self.call_id or _word(data.get("call_id"))
        self.name = self.name or _word(data.get("name"))
        self.type = self.type or _type(data)


class OutputItems:
    """The items of an answer. `show` receives new text; `again` is called if the shown text is void and repeated."""

    def __init__(self, show: Callable[[Said, str], None], again: Callable[[], None]) -> None:
        self._show = show
        self._again = again
        self.all: list[OutputItem] = []
        self.refused = False

    def find(self, event: Json, type_: str = "") -> OutputItem:
        """Return the item of an event: by id, by index, or the open item; else a new one."""
        id_, index = _word(event.get("item_id")), number_of(event.get("output_index"))
        found = self._find(id_, index, type_)
        if found is None:
            open_ = [i for i in self.all if not i.closed and type_ in ("", i.type)]
            if index is not None and id_:
                open_ = [i for i in open_ if not i.id and i.index is None]
            found = open_[-1] if open_ else self._new(id_, index, type_)
        found.type = found.type or type_
        return found

    def add(self, event: Json) -> OutputItem:
        """Add the start of an item, which may already hold content."""
        data = as_object(event.get("item"))
        item = self._find(_word(data.get("id")), number_of(event.get("output_index")), _type(data))
        if item is None or (item.closed and not item.goes_by(data, number_of(event.get("output_index")))):
            item = self._new(_word(data.get("id")), number_of(event.get("output_index")), _type(data))
        item.know(data)
        if data.get("arguments"):
            item.wholes.append(data["arguments"])
        self._texts(item, data, "start")
        return item

    def finish(self, data: Json, index: int | None, form: str) -> None:
        """Take the final form of an item."""
        if not data:
            return
        id_, type_ = _word(data.get("id")), _type(data)
        item = self._find(id_, index, type_) or self._same_call(data) or self._find_open(id_, index, type_, form)
        if item is None:
            item = self._new(id_, index, type_)
        item.know(data)
        item.closed = True
        item.final = item.final or data
        if data.get("arguments") not in (None, ""):
            item.wholes.append(data["arguments"])
        self._texts(item, data, form)

    def delta(self, item: OutputItem, channel: Said, group: str, place: int | None, text: str) -> None:
        """Add a fragment. A fragment after the whole text is a late repetition and is ignored."""
        segment = self._segment(item, channel, group, place)
        if segment.claimed:
            if text in segment.text:
                return
            item.differs = True
        self._add(item, segment, text)

    def whole(self, item: OutputItem, channel: Said, group: str, place: int | None, text: str, form: str) -> None:
        """Take a whole text, or with form `start` its beginning, and show the part that is new."""
        if not text:
            return
        text = pair_halves(text)
        segment = self._find_in(item, channel, group, place, text, form)
        if form == "start":
            if not segment.fragments:
                self._add(item, segment, text)
            return
        segment.claimed.add(form)
        before = segment.text
        if text.startswith(before):
            if new := text[len(before) :]:
                self._add(item, segment, new)
        elif text in before:
            item.differs = True
        else:
            segment.fragments = [text]
            self._again()

    def _find_in(self, item: OutputItem, channel: Said, group: str, place: int | None, text: str, form: str) -> Segment:
        """Return the segment of this whole text: the matching one at its place, else a similar or a new one."""
        here = [s for s in item.segments if (s.group, s.place) == (group, place or 0) and s.channel == channel]
        every = (s for i in self.all for s in i.segments if s.channel == channel)
        for segment in (*here, *every):
            if form not in segment.claimed and (_share_text(segment.text, text) or not segment.fragments):
                return segment
        return self._open(item, channel, group, place or 0)

    def sort(self) -> list[OutputItem]:
        """Return the items by index if each has its own, else in order of arrival."""
        places = [i.index for i in self.all]
        if None in places or len(set(places)) < len(places):
            return self.all
        return sorted(self.all, key=lambda i: i.index or 0)

    def list_texts(self) -> Iterator[tuple[Said, str]]:
        """Yield all texts in order, with the separators between two texts of one item."""
        for item in self.sort():
            for segment in item.segments:
                yield segment.channel, _between(item, segment) + segment.text

    def calls(self) -> list[OutputItem]:
        """Return the calls. A call known only from deltas merges with a whole call that repeats it."""
        calls = [i for i in self.sort() if i.type == _CALL]
        named = [parse_arguments(i.arguments) for i in calls if i.name]
        return [i for i in calls if i.name or i.final or parse_arguments(i.arguments) not in [*named, {}]]

    def _texts(self, item: OutputItem, data: Json, form: str) -> None:
        groups = ("summary", "content") if item.type == _THINKING else ("content",) if item.type != _CALL else ()
        for group in groups:
            for place, part in enumerate(_parts(data.get(group))):
                self.part(item, group, place, part, form)
        if not groups or (data.get("text") and item.type not in ("message", _THINKING)):
            return
        if "content" not in data and isinstance(data.get("text"), str):
            self.whole(item, "text", "content", 0, data["text"], form)

    def part(self, item: OutputItem, group: str, place: int | None, part: Any, form: str) -> None:
        """Take one whole part of an item's content."""
        content = as_object(part) or {"text": part}
        channel: Said = "thinking" if item.type == _THINKING or content.get("type") == "reasoning_text" else "text"
        refusal = content.get("refusal")
        if content.get("type") == "refusal" or refusal:
            self.refused = True
        self.whole(item, channel, group, place, self._text(content.get("text") or refusal), form)

    def _text(self, value: Any) -> str:
        """Return the text of a value. In a repetition a value that is no text is ignored."""
        try:
            return text_of(value)
        except TypeError:
            if any(s.fragments for i in self.all for s in i.segments):
                return ""
            raise

    def _add(self, item: OutputItem, segment: Segment, text: str) -> None:
        between = "" if segment.fragments else _between(item, segment)
        segment.fragments.append(text)
        self._show(segment.channel, between + text)

    def _segment(self, item: OutputItem, channel: Said, group: str, place: int | None) -> Segment:
        same = [s for s in item.segments if s.group == group and s.channel == channel]
        found = next((s for s in same if s.place == place), None)
        if found is None and same and (place is None or not 0 <= place <= len(same)):
            return same[-1]  # segments are numbered from 0 without a gap, so this number is not theirs
        return found or self._open(item, channel, group, len(same) if place is None or same else 0)

    def _open(self, item: OutputItem, channel: Said, group: str, place: int) -> Segment:
        segment = Segment(channel, group, place)
        item.segments.append(segment)
        return segment

    def _find(self, id_: str, index: int | None, type_: str) -> OutputItem | None:
        fits = [i for i in self.all if not type_ or not i.type or i.type == type_]
        by_id = next((i for i in fits if id_ and i.id == id_), None)
        return by_id or next((i for i in fits if index is not None and i.index == index), None)

    def _same_call(self, data: Json) -> OutputItem | None:
        call_id = _word(data.get("call_id"))
        return next((i for i in self.all if call_id and i.call_id == call_id), None)

    def _find_open(self, id_: str, index: int | None, type_: str, form: str) -> OutputItem | None:
        """Return the first item of this type without a whole text in this form: its ids did not match."""
        for item in self.all:
            untold = not item.closed or (form == "response" and "response" not in _forms(item))
            if item.type == type_ and untold and not item.is_another(id_, index):
                return item
        return None

    def _new(self, id_: str, index: int | None, type_: str) -> OutputItem:
        item = OutputItem(id_, index, type_)
        self.all.append(item)
        return item


def _forms(item: OutputItem) -> set[str]:
    return {form for segment in item.segments for form in segment.claimed} or ({"response"} if item.final else set())


def _between(item: OutputItem, segment: Segment) -> str:
    first = segment is item.segments[0]
    return "\n\n" if segment.channel == "thinking" and not first else ""


def _parts(value: Any) -> list[Any]:
    if value and not isinstance(value, str | list | dict):
        raise TypeError(f"{str(value)[:80]!r} in place of parts")
    return [value] if isinstance(value, str) else as_list(value)


def _share_text(known: str, text: str) -> bool:
    """Return whether one text contains the other, or both share half of their ends or (if reordered) of their words."""
    if not known:
        return False
    if known in text or text in known:
        return True
    shorter = min(len(known), len(text))
    start = next((n for n in range(shorter) if known[n] != text[n]), shorter)
    end = next((n for n in range(shorter - start) if known[-1 - n] != text[-1 - n]), shorter - start)
    mine, theirs = set(known.split()), set(text.split())
    return 2 * (start + end) >= shorter or 2 * len(mine & theirs) >= max(1, min(len(mine), len(theirs)))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _type(data: Json) -> str:
    """Return the type of the item, or the type that its keys suggest if the server gives none."""
    told = _word(data.get("type"))
    if told:
        return told
    if "arguments" in data or "call_id" in data:
        return _CALL
    return _THINKING if "summary" in data or "encrypted_content" in data else "message" if "content" in data else ""
