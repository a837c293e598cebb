"""The operating system's keyring, if the extra `keyring` is installed and a real one answers."""

from __future__ import annotations

import logging
from typing import Any

from ralph.core.errors import ConfigFailure
from ralph.core.libraries import load_libraries

log = logging.getLogger("ralph.config")

# The service name of each key in the keyring; the provider is its user name.
SERVICE = "ralph"


class SystemKeyring:
    """Reads and writes with the library `keyring`. Each call may wait for a person who unlocks it: use a thread."""

    def there(self) -> bool:
        """Return whether keys can be kept in it."""
        return self._backend() is not None

    def get(self, provider: str) -> str:
        """Return the key; empty if there is none. Raises `ConfigFailure`."""
        return str(self._call(lambda backend: backend.get_password(SERVICE, provider) or ""))

    def set(self, provider: str, key: str) -> None:
        """Store the key. Raises `ConfigFailure`."""
        self._call(lambda backend: backend.set_password(SERVICE, provider, key))

    def delete(self, provider: str) -> None:
        """Delete the key. Raises `ConfigFailure`."""
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
        """Return the library's backend, unless it only fails or forgets."""
        try:
            backend = load_libraries("keyring").get_keyring()
            return backend if backend.priority > 0 else None
        except Exception as error:  # noqa: BLE001 - border: a backend may fail at its import
            log.info("no keyring is used: %s", type(error).__name__)
            return None
