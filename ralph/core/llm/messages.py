"""A conversation in neutral parts, which every provider adapter takes and returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, ClassVar, Literal

from ralph.core.data import Data, frozen

MessageRole = Literal["user", "assistant"]


@frozen
class TextPart(Data):
    type: ClassVar[str] = "text"
    text: str


@frozen
class ThinkingPart(Data):
    """Readable thinking; a signed form, if any, is in the message's `opaque`."""

    type: ClassVar[str] = "thinking"
    text: str


@frozen
class CallPart(Data):
    """A tool call that a model requested. `id` is the vendor's own; `arguments` is the parsed object.

    `broken`: the text of the model, if it is not a JSON object; then `arguments` is empty, and the call is never run.
    """

    type: ClassVar[str] = "call"
    id: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    broken: str = ""


@frozen
class ResultPart(Data):
    """The result of a tool, paired with its call by the vendor's id."""

    type: ClassVar[str] = "result"
    id: str
    name: str
    output: str
    error: bool = False


Part = TextPart | ThinkingPart | CallPart | ResultPart
PARTS: dict[str, type[Any]] = {p.type: p for p in (TextPart, ThinkingPart, CallPart, ResultPart)}


@frozen
class Opaque(Data):
    """Content that only its maker can read: signatures, encrypted reasoning. `json` is sent back byte-identical."""

    provider: str
    model: str
    json: str


@frozen
class Content(Data):
    """The answer of one attempt, as events carry it: neutral parts and, if complete, the maker's own form."""

    parts: tuple[Part, ...] = ()
    opaque: Opaque | None = None


@frozen
class Message(Data):
    role: MessageRole
    parts: tuple[Part, ...]
    opaque: Opaque | None = None

    @property
    def text(self) -> str:
        """Return all text parts, joined."""
        return "".join(p.text for p in self.parts if isinstance(p, TextPart))


def user(text: str) -> Message:
    return Message("user", (TextPart(text),))
