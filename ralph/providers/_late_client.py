"""A client of a library that takes long to import: made once, in a thread, by the first who asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ralph.core.errors import Failure
from ralph.core.libraries import load_libraries
from ralph.providers._failures import Peer
from ralph.providers._unreached import build_client_failure

# anyio loads it at the first connection, on the event loop, for 15 ms.
_BACKEND = "anyio._backends._asyncio"


class LateClient:
    """`libraries` are imported first, in this order; `make` then makes the client from the last of them."""

    def __init__(self, who: Peer, libraries: tuple[str, ...], make: Callable[[Any], Any]) -> None:
        self._who = who
        self._libraries = libraries
        self._make = make
        self._client: Any = None
        self._opening = asyncio.Lock()

    async def get(self) -> Any:
        """The client. The first call imports its libraries (0.1 to 2 s) in a thread, so that the loop goes on.

        Raises `Failure`.
        """
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    try:
                        self._client = await asyncio.to_thread(self._open)
                    except Failure:
                        raise
                    except Exception as error:
                        # border: imports fail in ways of their own
                        raise build_client_failure(self._who, error) from error
        return self._client

    async def take(self) -> Any:
        """The client, to be closed by the caller; None where there is none. One that is being made is waited for."""
        async with self._opening:
            client, self._client = self._client, None
        return client

    def _open(self) -> Any:
        with suppress(ImportError):
            load_libraries(_BACKEND)
        return self._make(load_libraries(*self._libraries))
