"""Removes the keys of this run from a server's output: the server has them from ralph's headers and may echo them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from ralph.core.errors import Failure
from ralph.core.llm.request import Answer, Channel, Item, Piece, Restart
from ralph.core.masking import Hiding, Secrets


async def hiding(items: AsyncGenerator[Item, None], secrets: Secrets) -> AsyncGenerator[Item, None]:
    """Yield the same stream without keys. Text that may be the start of a key is held until more text arrives."""
    held: dict[Channel, Hiding] = {}
    async with aclosing(items):
        try:
            async for item in items:
                if isinstance(item, Piece):
                    if text := held.setdefault(item.channel, Hiding(secrets)).feed(item.text):
                        yield Piece(item.channel, text)
                    continue
                if isinstance(item, Answer):
                    for piece in _rest(held):
                        yield piece
                elif isinstance(item, Restart):
                    held.clear()
                yield secrets.hide_in(item)
        except Failure as failure:
            for piece in _rest(held):
                yield piece
            message = secrets.hide(failure.message)
            if message == failure.message:
                raise
            raise failure.reword(message) from failure.__cause__  # and not from the exception that holds the key


def _rest(held: dict[Channel, Hiding]) -> list[Piece]:
    """Return the held text, which was no key."""
    left = [Piece(channel, one.end()) for channel, one in held.items()]
    held.clear()
    return [piece for piece in left if piece.text]
