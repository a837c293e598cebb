"""Bytes of any encoding become text, and no lone surrogate is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.unicode import NotText, argument, decode_text, whole

FACE = "\U0001f600"


@pytest.mark.parametrize(
    ("given", "right"),
    [("plain é 日本", "plain é 日本"), ("\ud83d\ude00", FACE), ("a\ud83d", "a\ufffd"), ("\ude00\ud83d", "\ufffd\ufffd"),
     ("x\udcff", "x\ufffd"), ("\ud83d\ud83d\ude00", f"\ufffd{FACE}"), (FACE, FACE), ("", "")],
)  # fmt: skip
def test_split_pairs_are_joined_and_lone_halves_replaced(given: str, right: str) -> None:
    assert whole(given) == right


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_what_is_whole_can_be_written_and_stays(text: str) -> None:
    made = whole(text)
    made.encode()
    assert whole(made) == made


@pytest.mark.parametrize(
    ("data", "text", "said"),
    [
        ("Grüße".encode(), "Grüße", ""),
        (b"\xef\xbb\xbfhello", "hello", ""),
        (b"\xff\xfe" + "日本 a".encode("utf-16-le"), "日本 a", ""),
        (b"\xfe\xff" + "日本 a".encode("utf-16-be"), "日本 a", ""),
        (b"\xff\xfe\0\0" + "hé".encode("utf-32-le"), "hé", ""),
        (b"\0\0\xfe\xff" + "hé".encode("utf-32-be"), "hé", ""),
        ("a line of text".encode("utf-16-le"), "a line of text", "UTF-16-LE"),
        ("a line of text".encode("utf-16-be"), "a line of text", "UTF-16-BE"),
        ("café à la carte".encode("latin-1"), "café à la carte", "Windows-1252"),
        ("“5 €”".encode("cp1252"), "“5 €”", "Windows-1252"),
        (b"caf\xe9 \x81", "café \x81", "Windows-1252"),
        ("Grüße ".encode() + b"\xff" + "日本".encode(), "Grüße \ufffd日本", "one place that is not UTF-8"),
        ("é, then cut: é".encode()[:-1], "é, then cut: \ufffd", "one place that is not UTF-8"),
        (b"\xff\xfea\0b", "a\ufffd", "one place that is not UTF-16"),
        (b"", "", ""),
    ],
)
def test_bytes_are_read_by_mark_then_utf8_then_a_fallback_that_is_told(data: bytes, text: str, said: str) -> None:
    made = decode_text(data)
    assert made.text == text
    assert said in made.note
    assert bool(said) == bool(made.note)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a\0b\0\0c", b"\0", b"\0" * 100])
def test_binary_data_is_no_text(data: bytes) -> None:
    with pytest.raises(NotText):
        decode_text(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_told_to_be_none(data: bytes) -> None:
    try:
        made = decode_text(data)
    except NotText:
        return
    assert whole(made.text) == made.text


def test_an_argument_is_read_as_its_bytes_would_be() -> None:
    assert argument("hello").note == ""
    assert argument("caf\udce9").text == "café"
    assert "Windows-1252" in argument("caf\udce9").note
    assert argument("日本\udcff").text == "日本\ufffd"
    assert argument("\ud83d").text == "\ufffd"
