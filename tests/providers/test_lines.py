"""Lines and events are the same, however the network cuts them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ralph.providers._lines import Events, Lines, Records


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    at = sorted({p % (len(data) + 1) for p in places})
    return [data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True)]


_lines = st.lists(st.binary(max_size=8).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b"")), max_size=8)
_places = st.lists(st.integers(0, 200), max_size=12)


@given(_lines, _places, st.sampled_from([b"\n", b"\r\n"]))
def test_lines(lines: list[bytes], places: list[int], end: bytes) -> None:
    splitter = Lines()
    data = b"".join(line + end for line in lines) + b"rest"
    assert [line for piece in _cut(data, places) for line in splitter.feed(piece)] == lines
    assert splitter.rest() == b"rest"


@given(_lines, _places, st.sampled_from([b"\n", b"\r\n"]))
def test_events(payloads: list[bytes], places: list[int], end: bytes) -> None:
    splitter = Events()
    data = b"".join(
        b": comment" + end + b"event: x" + end + b"id: 1" + end + b"data: " + p + end + end for p in payloads
    )
    assert [p for piece in _cut(data, places) for p in splitter.feed(piece)] == payloads
    assert splitter.end() == []
    assert splitter.strange == b""


def test_events_in_rare_forms() -> None:
    splitter = Events()
    assert splitter.feed(b"data:a\ndata: b\n\n\n\ndata:  c\n\n") == [b"a\nb", b" c"]
    assert splitter.feed(b"data: last") == []
    assert splitter.end() == [b"last"]


def test_what_is_no_event_is_kept() -> None:
    splitter = Events()
    assert splitter.feed(b"<html>\n<body>\n") == []
    assert splitter.strange == b"<html>"


def test_records() -> None:
    splitter = Records()
    assert splitter.feed(b'{"a":1}\n\n{"b"') == [b'{"a":1}']
    assert splitter.feed(b":2}\n{}") == [b'{"b":2}']
    assert splitter.end() == [b"{}"]
