"""The keys of providers, for a face: list them, enter one, forget one."""

from __future__ import annotations

from typing import Literal, Protocol

from ralph.core.data import Data, frozen

KeySource = Literal["configuration", "environment", "api_key_command", "keyvault", "entra", "keyring", "keys.yaml"]


@frozen
class ApiKey(Data):
    """A provider's key. `masked` shows only its end; null if reading the key would need a question."""

    provider: str
    source: KeySource
    masked: str | None


class KeyService(Protocol):
    """The keys of providers. No method returns a key."""

    async def rows(self) -> tuple[ApiKey, ...]:
        """Return every key; of several for one provider the first is in use."""
        ...

    def hide(self, text: str) -> None:
        """Treat this text, which may be a misplaced key, as secret: nothing shows or stores it from now on."""
        ...

    async def check(self, provider: str, key: str) -> int:
        """Return how many models the provider lists with this key; a free request. Raises `Failure`."""
        ...

    async def keep(self, provider: str, key: str) -> str:
        """Use this key from the next request on, and store it. Return where it is stored, in words; empty if it is for
        this run only. Raises `Failure`."""
        ...

    async def remove(self, provider: str) -> str:
        """Forget the stored key of this provider. Return where it was, in words. Raises `NotFound`."""
        ...
