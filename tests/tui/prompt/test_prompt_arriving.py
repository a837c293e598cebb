"""A paste from the terminal is one paste, however it is cut and whatever is in it."""

from __future__ import annotations

import pytest
from textual import events
from textual.drivers import linux_driver

from ralph.tui.prompt.input_framing import WholePastes, whole_input

PASTES = {
    "plain": ("hello 日本\r\nx", "hello 日本\nx"),
    "colours and a command": ("a\x1b[31mred\x1b[0m\r/quit\r", "ared\n/quit\n"),
    "a title": ("a\x1b]0;x\x07b\x1b\\c", "abc"),
    "a lone escape": ("a\x1b", "a"),
    "nearly an end": ("a\x1b[201\x1b[20b", "a201"),
    "another start": ("a\x1b[200~b", "ab"),
    "8 bits": ("a\x9b31mb\tc", "ab\tc"),
}


def arrive(data: str, size: int) -> list[str]:
    parser, found = WholePastes(), []
    for start in range(0, len(data), size):
        found += [*parser.feed(data[start : start + size]), *parser.tick()]
    return [
        f"<{e.text}>" if isinstance(e, events.Paste) else e.key
        for e in found
        if isinstance(e, events.Paste | events.Key)
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize(("sent", "text"), PASTES.values(), ids=PASTES.keys())
def test_a_paste_is_one_paste(sent: str, text: str, size: int) -> None:
    twice = f"k\x1b[A\x1b[200~{sent}\x1b[201~\x1b[B\x1b[200~{sent}\x1b[201~q"
    assert arrive(twice, size) == ["k", "up", f"<{text}>", "down", f"<{text}>", "q"]


def test_an_escape_that_is_a_key_does_not_wait_for_more() -> None:
    parser = WholePastes()
    assert list(parser.feed("a"))
    list(parser.feed("\x1b"))
    (key,) = parser.feed("\x1b")
    assert isinstance(key, events.Key)
    assert key.key == "escape"


def test_the_terminal_is_read_in_this_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_driver, "XTermParser", linux_driver.XTermParser)
    monkeypatch.setattr(linux_driver, "getincrementaldecoder", linux_driver.getincrementaldecoder)
    assert whole_input(linux_driver.LinuxDriver) is linux_driver.LinuxDriver
    assert linux_driver.XTermParser is WholePastes
    decode = linux_driver.getincrementaldecoder("utf-8")().decode
    assert decode(b"caf\xe9 \xe6") + decode(b"\x97\xa5") == "caf\ufffd 日"
