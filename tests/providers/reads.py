"""An answer of the chat wire from given network reads, without a network."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from ralph.core.errors import Kind, ProviderFailure
from ralph.core.llm.request import Answer, Piece, Restart
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._chat_decoder import ChatDecoder
from ralph.providers._failures import Peer
from ralph.providers._lines import SseDecoder
from ralph.providers._stream import Reply, answer

SETTINGS = ProviderSettings("chat", "openai_compatible", first_token_s=60, idle_s=60)


class _Opened:
    async def client(self) -> None:
        return None


async def fold_of(reads: Sequence[bytes]) -> tuple[dict[str, str], Any, Kind | None]:
    """What was said in each channel, the answer's parts, and the kind of the failure that ended it."""

    async def chunks() -> AsyncGenerator[bytes, None]:
        for data in reads:
            yield data

    @asynccontextmanager
    async def opened() -> AsyncIterator[Reply]:
        yield Reply({}, chunks())

    fold = ChatDecoder(Peer("chat", "127.0.0.1"), think_tags=True)
    said = {"text": "", "thinking": "", "tool_input": ""}
    parts: Any = None
    try:
        async with aclosing(answer(_Opened(), opened(), SseDecoder(), fold, SETTINGS)) as items:  # type: ignore[type-var]
            async for item in items:
                match item:
                    case Piece(channel, text):
                        said[channel] += text
                    case Restart():
                        said.update(text="", thinking="")
                    case Answer():
                        parts = (item.stop_reason, item.content)
    except ProviderFailure as failure:
        return said, parts, failure.kind
    return said, parts, None
