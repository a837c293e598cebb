"""Keys of providers as a face asks for them: which there are, entering one, forgetting one."""

from __future__ import annotations

from typing import Literal, Protocol

from ralph.core.data import Data, frozen

KeySource = Literal["configuration", "environment", "api_key_command", "keyring", "keys.yaml"]


@frozen
class ApiKey(Data):
    """A key that a provider has. `masked` shows its end only; null where the key is not known without asking for it."""

    provider: str
    source: KeySource
    masked: str | None


class KeyService(Protocol):
    """The keys of providers. No method returns a key."""

    async def rows(self) -> tuple[ApiKey, ...]:
        """Every key there is; of several for one provider the first is the one that is used."""
        ...

    def hide(self, text: str) -> None:
        """This may be a key, in a place where none should stand: nothing shows or stores it from now on."""
        ...

    async def check(self, provider: str, key: str) -> int:
        """How many models the provider lists with this key; a free request. Raises `Failure`."""
        ...

    async def keep(self, provider: str, key: str) -> str:
        """Use this key from the next request on, and keep it. Returns where it is kept, in words; empty where it is
        for this run only. Raises `Failure`."""
        ...

    async def remove(self, provider: str) -> str:
        """Forget the key that was kept for this provider. Returns where it was, in words. Raises `NotFound`."""
        ...
