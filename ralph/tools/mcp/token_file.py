"""What logins to servers brought: clients by their issuer, and tokens by server, in a file of mode 0600."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ralph.config.private import one_writer, write_whole
from ralph.core.errors import Failure, Kind


class TokenFile:
    """The file. `servers` has issuer, tokens, their end and the issuer's metadata by address; `clients` has the
    registered client of each issuer, which is kept after a logout, so that no login registers another one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        """Return all of it; empty without a file. Raises `Failure` if it cannot be read."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            return {"servers": dict(data["servers"]), "clients": dict(data["clients"])}
        except FileNotFoundError:
            return {"servers": {}, "clients": {}}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Failure(Kind.IO, f"{self.path} cannot be read: {error}") from None

    def change(self, work: Callable[[dict[str, Any]], None]) -> None:
        """Read, change and write it, completely or not at all. Raises `Failure`."""
        try:
            with one_writer(self.path):
                data = self.read()
                work(data)
                write_whole(self.path, json.dumps(data, indent=1).encode())
        except OSError as error:
            raise Failure(Kind.IO, f"{self.path} cannot be written: {error.strerror}") from None

    def has_login(self, url: str) -> bool:
        """Return whether there are tokens for this address."""
        return bool(self.read()["servers"].get(url, {}).get("tokens"))

    def forget(self, url: str) -> bool:
        """Remove the tokens for this address; return whether there were any."""
        there = self.has_login(url)
        if there:
            self.change(lambda data: data["servers"][url].pop("tokens", None))
        return there
