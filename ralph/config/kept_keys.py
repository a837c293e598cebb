"""The keys that a person entered: in the operating system's keyring, else in `keys.yaml` beside the database.

The file names every provider with such a key, `anthropic: "sk-…"`, or `anthropic: {keyring: true}` if the key itself is
in the keyring. So the keyring is asked only when a request needs its key.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ralph.config.private import one_writer, set_aside, tighten, write_whole
from ralph.config.system_keyring import SystemKeyring
from ralph.core.errors import Failure, Kind
from ralph.core.keys import bare_key
from ralph.core.masking import Secrets

log = logging.getLogger("ralph.config")

KEYRING, FILE = "keyring", "keys.yaml"
MAX_BYTES = 1024 * 1024


class KeptKeys:
    """The entered keys. `secrets` learns each key before it can be shown. `notice` says what could not be read."""

    def __init__(self, path: Path, secrets: Secrets, keyring: SystemKeyring | None = None) -> None:
        self.path = path
        self.notice = ""
        self._secrets = secrets
        self._keyring = keyring or SystemKeyring()
        self._read: Mapping[str, Any] | None = None
        self._fetched: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def source(self, provider: str) -> str:
        """Return `keyring`, `keys.yaml`, or empty if no key is kept."""
        entry = self._entries.get(provider)
        return "" if entry is None else FILE if isinstance(entry, str) else KEYRING

    def key(self, provider: str) -> str:
        """Return the key, if it is known without asking the keyring; else empty."""
        entry = self._entries.get(provider)
        return entry if isinstance(entry, str) else self._fetched.get(provider, "")

    def fetch(self, provider: str) -> str:
        """Return the key, perhaps from the keyring. May wait for a person: use a thread. Raises `ConfigFailure`."""
        if self.source(provider) == KEYRING and provider not in self._fetched:
            key = bare_key(self._keyring.get(provider))
            self._secrets.learn(key)
            self._fetched[provider] = key
        return self.key(provider)

    def keep(self, provider: str, key: str) -> str:
        """Keep this key; return where. Use a thread. Raises `Failure`, and then nothing has changed."""
        self._secrets.learn(key)
        in_keyring = self._keyring.there()
        if in_keyring:
            self._keyring.set(provider, key)
        self._change({provider: {KEYRING: True} if in_keyring else key})
        self._fetched.pop(provider, None)
        if in_keyring:
            self._fetched[provider] = key
        return KEYRING if in_keyring else FILE

    def remove(self, provider: str) -> str:
        """Forget the key; return where it was, empty if there was none. Use a thread. Raises `Failure`."""
        source = self.source(provider)
        if source == KEYRING:
            self._keyring.delete(provider)
        if source:
            self._change({provider: None})
        self._fetched.pop(provider, None)
        return source

    def reload(self) -> None:
        """Read the file again, since another window may have entered a key."""
        self._read = None

    @property
    def _entries(self) -> Mapping[str, Any]:
        if self._read is None:
            self._read = self._load()
        return self._read

    def _load(self) -> Mapping[str, Any]:
        """Return the usable part of the file. A broken file is set aside and reported once. Never raises."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_BYTES)
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.notice = f"{self.path} could not be read ({error.strerror}); the keys in it are not used"
            return {}
        tighten(self.path)
        entries = _parse(data)
        if entries is None:
            aside = set_aside(self.path)
            where = f"it is {aside} now" if aside else "it could not be renamed"
            self.notice = f"{self.path} is not a list of keys; {where}, and the keys in it are not used"
            return {}
        self._secrets.learn(*(entry for entry in entries.values() if isinstance(entry, str)))
        return entries

    def _change(self, changed: Mapping[str, Any]) -> None:
        """Change these keys, and keep changes of another window to other keys. Raises `Failure`."""
        try:
            with one_writer(self.path):
                entries = {**self._load(), **changed}
                lines = (f"{json.dumps(name)}: {json.dumps(e)}\n" for name, e in entries.items() if e is not None)
                write_whole(self.path, "".join(lines).encode())
        except OSError as error:
            raise Failure(Kind.IO, f"{self.path} could not be written: {error.strerror}") from error
        self.reload()


def _parse(data: bytes) -> dict[str, Any] | None:
    """Return provider to key, or to `{keyring: true}`; None for invalid content."""
    import yaml

    try:
        given = yaml.load(data.decode("utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if given is None:
        return {}
    if not isinstance(given, dict):
        return None
    made: dict[str, Any] = {}
    for name, entry in given.items():
        if isinstance(entry, str) and (key := bare_key(entry)):
            made[str(name)] = key
        elif isinstance(entry, dict) and entry.get(KEYRING) is True:
            made[str(name)] = {KEYRING: True}
    return made
