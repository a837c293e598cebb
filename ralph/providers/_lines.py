"""Lines and server-sent events out of network reads, however the reads cut them."""

from __future__ import annotations


class Lines:
    """Newline-ended lines; a network read may hold many, or a part of one."""

    def __init__(self) -> None:
        self._part: list[bytes] = []

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now, without their ends."""
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
        return [line.removesuffix(b"\r") for line in lines]

    def rest(self) -> bytes:
        """What came after the last newline."""
        data, self._part = b"".join(self._part), []
        return data


class Events:
    """The `data` of server-sent events. Comments and event names are left out: the data of every wire names itself."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._data: list[bytes] = []
        self.strange = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The payloads that are complete now."""
        made: list[bytes] = []
        for line in self._lines.feed(data):
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line and self._data:
                made.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data = []
            elif line and line[:1] != b":" and not line.startswith((b"event:", b"id:", b"retry:")):
                self.strange = self.strange or line
        return made

    def end(self) -> list[bytes]:
        """A last event that no empty line followed; some servers forget it."""
        return self.feed(self._lines.rest() + b"\n\n")


class Records:
    """Lines of JSON, one a record."""

    def __init__(self) -> None:
        self._lines = Lines()
        self.strange = b""

    def feed(self, data: bytes) -> list[bytes]:
        return [line for line in self._lines.feed(data) if line.strip()]

    def end(self) -> list[bytes]:
        return self.feed(b"\n")
