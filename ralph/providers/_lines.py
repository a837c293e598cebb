"""Splits network reads into payloads, wherever the reads end and however loosely the server keeps to the format.

Server-sent events are read by their specification. The deviations of servers and gateways that are read too are
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
# Broken brackets can look like the end of a document. Each try reads the whole document, so tries are limited.
_TRIES = 20
_BEATS = frozenset((b"ping", b"pong", b"heartbeat", b"keepalive", b"keep-alive", b"keep_alive"))


class Lines:
    """Splits bytes into lines that end with LF, CR LF or CR. A network read may hold many lines, or a part of one."""

    def __init__(self) -> None:
        self._part: list[bytes] = []
        self._after_return = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are complete now, without their line ends."""
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
        """Return the bytes after the last line end."""
        data, self._part = b"".join(self._part), []
        return data


class SseDecoder:
    """Decodes the payloads of server-sent events, of JSON lines, and of one document over several lines.

    `[DONE]` is returned in one form, whatever quotes or spaces surround it; heartbeats are left out. An event named
    `error` has its failure under that key. `strange` is the first line that belongs to no payload.
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
        """Return the payloads that are complete now."""
        made: list[bytes] = []
        for line in self._lines.feed(data):
            self._take(line, made)
        return made

    def end(self) -> list[bytes]:
        """Return the last event if no empty line followed it, or a document that is incomplete."""
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
                self._drop_loose(made)  # a new record: the one before it was cut
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
        """Take a line without `data:`: JSON, or the next line of a payload that the server broke into lines."""
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
        """Add one line to a document. Matching brackets suggest that it is whole; only parsing proves it."""
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
        """Start a document of one line or of several. If JSON cannot continue after it, the document is broken."""
        self._go_on(line, made)
        if self._loose and line.rstrip()[-1:] not in (b"{", b"[", b",", b":"):
            self._drop_loose(made)

    def _drop_loose(self, made: list[bytes]) -> None:
        """End the open document where it is, whether it is whole or broken."""
        if self._loose:
            payload = _payload(self._loose)
            if payload:
                made.append(payload)
            self._loose, self._open, self._tried = [], 0, 0

    def _close_whole(self, made: list[bytes]) -> None:
        """End an event that the server did not end with an empty line."""
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
    """Decodes JSON lines, one record each, as tolerantly as events."""


def _begins_field(rest: bytes) -> bool:
    """Return whether the body ended inside a field name, or inside the byte order mark before it."""
    bare = rest.removeprefix(MARK).lstrip().lower()
    return MARK.startswith(rest) or any(name.startswith(bare) for name in _NAMES)


def _payload(lines: list[bytes]) -> bytes:
    """Return one payload; empty for a heartbeat."""
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
    """Mark the data of `event: error` as an error, since some servers do not say so in the data."""
    try:
        data = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        data = payload.decode("utf-8", "replace")
    if payload == DONE or (isinstance(data, dict) and (data.get("error") or data.get("type") == "error")):
        return payload
    return json.dumps({"error": data or "no reason given"}).encode()
