"""The base of a slash command that needs only functions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ralph.core.data import Data, frozen
from ralph.core.ports.face import Face, Named

Run = Callable[[str, Face], Awaitable[None]]
Complete = Callable[[str, Face], Awaitable[Sequence[str | Named]]]


async def _nothing(argument: str, face: Face) -> Sequence[str]:  # noqa: ARG001 - a Complete
    return ()


@frozen
class Simple(Data):
    """A command of two functions: run and complete."""

    name: str
    summary: str
    run: Run
    aliases: tuple[str, ...] = ()
    usage: str = ""
    complete: Complete = _nothing
    whole: bool = False
    needs_screen: bool = False
    lists: bool = False
    sends: bool = False
