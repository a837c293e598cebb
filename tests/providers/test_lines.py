"""Lines and events are the same, however the network cuts them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.providers._lines import Lines, NdjsonDecoder, SseDecoder

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover


def _cut(data: bytes, places: list[int]) -> list[bytes]:
    at = sorted({p % (len(data) + 1) for p in places})
    return [data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True)]


_lines = st.lists(st.binary(max_size=8).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b"")), max_size=8)
_places = st.lists(st.integers(0, 200), max_size=12)


_ends = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(_lines, _places, _ends)
def test_lines(lines: list[bytes], places: list[int], end: bytes) -> None:
    splitter = Lines()
    data = b"".join(line + end for line in lines) + b"rest"
    assert [line for piece in _cut(data, places) for line in splitter.feed(piece)] == lines
    assert splitter.rest() == b"rest"


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
_documents = st.lists(st.dictionaries(st.text(max_size=4), _values, min_size=1, max_size=3), max_size=5)


def _event(document: object, end: bytes, form: str) -> bytes:
    """One event as this kind of server writes it."""
    line = json.dumps(document).encode()
    match form:
        case "named":
            return b": c" + end + b"event: x" + end + b"id: 1" + end + b"data: " + line + end + end
        case "no space":
            return b"data:" + line + end + end
        case "no blank line":
            return b"data: " + line + end
        case "beats":
            return b"data:" + end + end + b"data: " + end + end + b": ping" + end + end + b"data: " + line + end + end
        case "mark":
            return b"\xef\xbb\xbfdata: " + line + end + end
        case "mark inside":
            return b"data: \xef\xbb\xbf" + line + end + end
        case "upper case":
            return b" DATA: " + line + end + end
        case "records":
            return line + end
        case "pretty":
            return json.dumps(document, indent=1).encode().replace(b"\n", end) + end
        case _:
            lines = json.dumps(document, indent=1).encode().split(b"\n")
            return b"".join(b"data: " + one + end for one in lines) + end


FORMS = (
    "named", "no space", "no blank line", "beats", "mark", "mark inside", "upper case", "records", "pretty",
    "several data lines",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@given(documents=_documents, places=_places, end=_ends)
def test_events_in_every_form(form: str, documents: list[object], places: list[int], end: bytes) -> None:
    splitter = SseDecoder()
    data = b"".join(_event(document, end, form) for document in documents)
    came = [p for piece in _cut(data, places) for p in splitter.feed(piece)]
    assert [json.loads(p) for p in (*came, *splitter.end())] == documents
    assert splitter.strange == b""


@pytest.mark.parametrize(
    "line",
    [b"data: [DONE]", b"data:[DONE]", b"data:  [DONE] ", b'data: "[DONE]"', b"data: [done]", b"data: DONE", b"[DONE]"],
    ids=bytes.decode,
)
def test_the_end_mark_in_every_form(line: bytes) -> None:
    splitter = SseDecoder()
    assert [*splitter.feed(b'data: {"a":1}\n' + line + b"\n\n"), *splitter.end()] == [b'{"a":1}', b"[DONE]"]


def test_a_failure_in_the_name_of_an_event() -> None:
    splitter = SseDecoder()
    data = (
        b'event: error\ndata: too busy\n\nevent: error\ndata: {"message":"no"}\n\nevent: error\ndata: {"error":1}\n\n'
    )
    assert [json.loads(p) for p in splitter.feed(data)] == [
        {"error": "too busy"},
        {"error": {"message": "no"}},
        {"error": 1},
    ]


def test_a_record_that_is_cut_does_not_take_the_next_along() -> None:
    splitter = NdjsonDecoder()
    assert splitter.feed(b'{"a": [\n{"b":2}\n') == [b'{"a": [', b'{"b":2}']


def test_events_in_rare_forms() -> None:
    splitter = SseDecoder()
    assert splitter.feed(b"data:a\ndata: b\n\n\n\ndata:  c\n\n") == [b"a\nb", b"c"]
    assert splitter.feed(b"data: last") == []
    assert splitter.end() == [b"last"]


def test_what_is_no_event_is_kept() -> None:
    splitter = SseDecoder()
    assert splitter.feed(b"<html>\n<body>\n") == []
    assert splitter.strange == b"<html>"


def test_records() -> None:
    splitter = NdjsonDecoder()
    assert splitter.feed(b'{"a":1}\n\n{"b"') == [b'{"a":1}']
    assert splitter.feed(b":2}\n{}") == [b'{"b":2}']
    assert splitter.end() == [b"{}"]
