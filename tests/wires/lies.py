"""What servers send beside the form of their wire: a polite double proves nothing of a client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tests.wires.frames import Frame, Frames, dumps, sse

Json = dict[str, Any]


def raw_frames(path: str, events: Iterable[Any]) -> Iterator[Frame]:
    """Events as they stand."""
    for event in events:
        yield Frame(_framed(path, event), piece=True, content=True)


def told(path: str, frames: Frames, lies: Iterable[str]) -> Frames:
    """The frames as a server with these habits sends them."""
    for lie in lies:
        frames = LIES[lie](path, frames)
    return frames


def _framed(path: str, event: Any) -> bytes:
    if path.endswith("/api/chat"):
        return f"{event if isinstance(event, str) else dumps(event)}\n".encode()
    kind = event.get("type") if isinstance(event, dict) else None
    return sse(event, kind if isinstance(kind, str) else None)


def _data(frame: Frame) -> Json:
    """The JSON of a frame; empty for what has none."""
    for line in frame.data.decode().splitlines():
        text = line.removeprefix("data: ")
        if text.startswith("{"):
            made: Json = json.loads(text)
            return made
    return {}


def _heartbeats(path: str, frames: Frames) -> Frames:
    """Before each event something that is none."""
    beats = (
        (b"\n", b"\r\n") if path.endswith("/api/chat") else (b": ping\n\n", b"data:\n\n", b"event: ping\ndata: {}\n\n")
    )
    for number, frame in enumerate(frames):
        yield Frame(beats[number % len(beats)])
        yield frame


def _mark(path: str, frames: Frames) -> Frames:
    """A byte order mark before all."""
    yield Frame(b"\xef\xbb\xbf")
    yield from frames


def _returns(path: str, frames: Frames) -> Frames:
    """Lines that end with CR alone."""
    for frame in frames:
        yield frame._replace(data=frame.data.replace(b"\n", b"\r"))


def _no_end(path: str, frames: Frames) -> Frames:
    """The last event of the wire is missing."""
    kept = list(frames)
    yield from kept[:-1]


def _twice(path: str, frames: Frames) -> Frames:
    """What begins or ends anything comes twice; no delta does."""
    for frame in frames:
        yield frame
        if not frame.content and _data(frame).get("type", "") in (
            "message_start",
            "content_block_stop",
            "response.created",
        ):
            yield frame._replace(piece=False)


def _in_start(path: str, frames: Frames) -> Frames:
    """Anthropic: the first words of a block stand in its start."""
    start: Json = {}
    for frame in frames:
        data = _data(frame)
        if data.get("type") == "content_block_start":
            start = data
        elif start and data.get("type") == "content_block_delta":
            key, block = next((k for k in ("text", "thinking") if k in data["delta"]), ""), start["content_block"]
            told_ = {**block, key: data["delta"][key]} if key else block
            yield Frame(_framed(path, {**start, "content_block": told_}), piece=bool(key), content=True)
            start = {}
            if not key:
                yield frame
        else:
            if start:
                yield Frame(_framed(path, start))
                start = {}
            yield frame


def _only_whole(path: str, frames: Frames) -> Frames:
    """Responses: no deltas, only what is done."""
    for frame in frames:
        if not _data(frame).get("type", "").endswith(".delta"):
            yield frame._replace(content=True)


def _no_types(path: str, frames: Frames) -> Frames:
    """Deltas do not say what they are."""
    for frame in frames:
        data = _data(frame)
        delta = data.get("delta")
        if isinstance(delta, dict) and "type" in delta:
            bare = {k: v for k, v in delta.items() if k != "type"}
            yield frame._replace(data=_framed(path, {**data, "delta": bare}))
        else:
            yield frame


def _figures_as_text(path: str, frames: Frames) -> Frames:
    """Counts are text."""
    for frame in frames:
        data = _data(frame)
        yield frame._replace(data=_framed(path, _quoted(data))) if data else frame


def _quoted(value: Any, counts: bool = False) -> Any:
    if isinstance(value, dict):
        return {k: _quoted(v, counts or k == "usage" or k.endswith("_count")) for k, v in value.items()}
    return str(value) if counts and isinstance(value, int) and not isinstance(value, bool) else value


LIES: Mapping[str, Callable[[str, Frames], Frames]] = {
    "heartbeats": _heartbeats,
    "byte order mark": _mark,
    "CR": _returns,
    "no end": _no_end,
    "twice": _twice,
    "in start": _in_start,
    "only whole": _only_whole,
    "no types": _no_types,
    "figures as text": _figures_as_text,
}
