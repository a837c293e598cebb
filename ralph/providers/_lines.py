"""Payloads out of network reads, however the reads cut them and however loosely the server keeps to the form.

Server-sent events are read as their specification says, and beyond it: what servers and gateways send all the same is
listed, with sources, in docs/decisions/001-what-wires-tolerate.md.
"""

from __future__ import annotations

import json
import re

DONE = b"[DONE]"
MARK = b"\xef\xbb\xbf"  # a byte order mark

_NAMES = (b"data:", b"event:", b"id:", b"retry:")
_FIELD = re.compile(rb"(event|id|retry)\s*:\s?(.*)", re.DOTALL | re.IGNORECASE)
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
# Broken brackets can look like the end; each look reads the whole document, so there are few.
_TRIES = 20
_BEATS = frozenset((b"ping", b"pong", b"heartbeat", b"keepalive", b"keep-alive", b"keep_alive"))


class Lines:
    """Lines that end with LF, CR LF or CR; a network read may hold many, or a part of one."""

    def __init__(self) -> None:
        self._part: list[bytes] = []
        self._after_return = False

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their ends."""
        if self._after_return and data:
            self._after_return = False
            data = data.removeprefix(b"\n")
        if b"\r" in data:
            self._after_return = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in data:
            if data:
                self._part.append(data)
            return []
        lines = data.split(b"\n")
        if self._part:
            self._part.append(lines[0])
            lines[0] = b"".join(self._part)
            self._part = []
        last = lines.pop()
        if last:
            self._part = [last]
        return lines

    def rest(self) -> bytes:
        """What came after the last end of a line."""
        data, self._part = b"".join(self._part), []
        return data


class SseDecoder:
    """The payloads of server-sent events, of lines of JSON, and of one document over several lines.

    `[DONE]` comes in its one form, whatever quotes or spaces the server put around it; heartbeats are left
    out. An event that is named `error` has its failure under that key. `strange` is the first line of none.
    """

    def __init__(self) -> None:
        self._lines = Lines()
        self._data: list[bytes] = []
        self._loose: list[bytes] = []
        self._open = 0
        self._tried = 0
        self._name = b""
        self.strange = b""
        self.cut = False

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that are complete now."""
        made: list[bytes] = []
        for line in self._lines.feed(data):
            self._take(line, made)
        return made

    def end(self) -> list[bytes]:
        """A last event that no empty line followed, or a document whose end did not come."""
        made: list[bytes] = []
        rest = self._lines.rest()
        self.cut = bool(rest) or len(self._loose) != 1
        if _begins_field(rest):
            rest = b""
        for line in (rest, b""):
            self._take(line, made)
        if self._loose:
            self._drop_loose(made)
        return made

    def _take(self, line: bytes, made: list[bytes]) -> None:
        if line.startswith(b"data:") and not self._data and not self._loose:
            self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            return
        bare = line.removeprefix(MARK).lstrip() if line else line
        if bare[:5].lower() == b"data:":
            self._drop_loose(made)
            self._close_whole(made)
            self._data.append(bare[6:] if bare[5:6] == b" " else bare[5:])
        elif not bare:
            self._close(made)
        elif self._loose:
            if line[:1] == b"{" and len(bare) > 2 and _is_json(bare):
                self._drop_loose(made)  # a record of its own: the one before it was cut
            self._go_on(line, made)
        elif bare.startswith(b":"):
            pass
        elif field := _FIELD.match(bare):
            self._close_whole(made)
            if field[1].lower() == b"event":
                self._name = field[2].strip()
        else:
            self._no_field(bare, made)

    def _no_field(self, line: bytes, made: list[bytes]) -> None:
        """JSON without `data:`, or the next line of a payload that the server broke into lines."""
        self._close_whole(made)
        if self._data:
            self._data.append(line)
        elif line.lstrip()[:1] in (b"{", b"["):
            self._begin_loose(line, made)
        elif (payload := _payload([line])) and _is_json(payload):
            made.append(payload)
        elif line.strip().lower() not in _BEATS:
            self.strange = self.strange or line

    def _go_on(self, line: bytes, made: list[bytes]) -> None:
        """One line more of a document; it is whole when its brackets are, which only reading it can prove."""
        self._loose.append(line)
        bare = _STRING.sub(b"", line)
        self._open += sum(bare.count(c) for c in (b"{", b"[")) - sum(bare.count(c) for c in (b"}", b"]"))
        if self._open > 0 or self._tried >= _TRIES:
            return
        self._tried += 1
        payload = _payload(self._loose)
        if payload == DONE or _is_json(payload):
            self._drop_loose(made)

    def _begin_loose(self, line: bytes, made: list[bytes]) -> None:
        """A document of one line, or the first of several, which then ends where JSON can go on; else it is broken."""
        self._go_on(line, made)
        if self._loose and line.rstrip()[-1:] not in (b"{", b"[", b",", b":"):
            self._drop_loose(made)

    def _drop_loose(self, made: list[bytes]) -> None:
        """The document as far as it came: whole, or what began like one and went on as something else."""
        if self._loose:
            payload = _payload(self._loose)
            if payload:
                made.append(payload)
            self._loose, self._open, self._tried = [], 0, 0

    def _close_whole(self, made: list[bytes]) -> None:
        """An event that the server forgot to end with an empty line."""
        if self._data and ((payload := _payload(self._data)) == DONE or not payload or _is_json(payload)):
            self._close(made)

    def _close(self, made: list[bytes]) -> None:
        if self._data:
            payload = _payload(self._data)
            if payload:
                made.append(_wrap_error(payload) if self._name == b"error" else payload)
            self._data = []
        self._name = b""


class NdjsonDecoder(SseDecoder):
    """Lines of JSON, one a record; read as loosely as events are."""


def _begins_field(rest: bytes) -> bool:
    """The body ended in the middle of a field's name, or of the mark before it."""
    bare = rest.removeprefix(MARK).lstrip().lower()
    return MARK.startswith(rest) or any(name.startswith(bare) for name in _NAMES)


def _payload(lines: list[bytes]) -> bytes:
    """One payload; empty for a heartbeat."""
    payload = (lines[0] if len(lines) == 1 else b"\n".join(lines)).strip().removeprefix(MARK).strip()
    if len(payload) < 20:
        if payload.strip(b"\"' ;").upper() in (DONE, b"DONE"):
            return DONE
        if payload.strip(b"\"'").lower() in _BEATS:
            return b""
    return payload


def _is_json(payload: bytes) -> bool:
    try:
        json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    return True


def _wrap_error(payload: bytes) -> bytes:
    """The data of `event: error`, which some servers write without saying in it that it is one."""
    try:
        data = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        data = payload.decode("utf-8", "replace")
    if payload == DONE or (isinstance(data, dict) and (data.get("error") or data.get("type") == "error")):
        return payload
    return json.dumps({"error": data or "no reason given"}).encode()
