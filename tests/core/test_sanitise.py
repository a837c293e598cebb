"""What models and tools wrote, printed to a terminal without a screen."""

from __future__ import annotations

import pytest

from ralph.core.sanitise import printable


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("\x1b[31mred\x1b[0m \x9b2Jb", "red b"),
        ("a\x1b]52;c;ZXZpbA==\x07b", "ab"),
        ("a\x1b]8;;http://evil\x1b\\b", "ab"),
        ("a\x1b]0;never ends\nthe rest", "a0;never ends\nthe rest"),
        ("one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("user\u202e\u200f // admin", "user // admin"),
        ("pass\u200bword\ufeff\U000e0041\U000e0141\u3164", "password"),
        ("👩‍👧 ❤️ می‌روم", "👩‍👧 ❤️ می‌روم"),
    ],
)
def test_only_what_can_be_seen_is_left(given: str, left: str) -> None:
    assert printable(given) == left
