"""The operating system's keyring, where the extra `keyring` is installed and a real one answers."""

from __future__ import annotations

import logging
from typing import Any

from ralph.core.errors import ConfigFailure
from ralph.core.libraries import load_libraries

log = logging.getLogger("ralph.config")

# Under this name each key stands, the provider as its user.
SERVICE = "ralph"


class SystemKeyring:
    """Reads and writes by the library `keyring`. Each call may wait for a person who unlocks it: use a thread."""

    def there(self) -> bool:
        """Keys can be kept in it."""
        return self._backend() is not None

    def get(self, provider: str) -> str:
        """The key; empty where there is none. Raises `ConfigFailure`."""
        return str(self._call(lambda backend: backend.get_password(SERVICE, provider) or ""))

    def set(self, provider: str, key: str) -> None:
        """Raises `ConfigFailure`."""
        self._call(lambda backend: backend.set_password(SERVICE, provider, key))

    def delete(self, provider: str) -> None:
        """Raises `ConfigFailure`."""
        self._call(lambda backend: backend.delete_password(SERVICE, provider))

    def _call(self, work: Any) -> Any:
        backend = self._backend()
        if backend is None:
            raise ConfigFailure(
                "the keyring is not there; install ralph[keyring], or enter the key again with ralph keys set"
            )
        try:
            return work(backend)
        except Exception as error:  # noqa: BLE001 - border: backends raise what they like; a message of theirs may hold a key
            log.warning("the keyring failed: %s", type(error).__name__)
            raise ConfigFailure(f"the keyring refused ({type(error).__name__}); unlock it, or use ralph keys") from None

    def _backend(self) -> Any:
        """The library's choice, unless that is one that only fails or forgets."""
        try:
            backend = load_libraries("keyring").get_keyring()
            return backend if backend.priority > 0 else None
        except Exception as error:  # noqa: BLE001 - border: a backend may fail at its import
            log.info("no keyring is used: %s", type(error).__name__)
            return None
