"""What stands around a gateway in its tests: a place, a recorder that remembers, and an inner gateway by script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from ralph.core.errors import Failure
from ralph.core.llm.messages import Content, TextPart, user
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Channel, Item, Piece, Request
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, ModelCall

REF = ModelRef("anthropic", "m")
REQUEST = Request("m", (user("hi"),), visible=True)


class Here:
    """A block that is open."""

    def __init__(self) -> None:
        self.block = "1.4"
        self.attempts: list[ev.AttemptFinished] = []
        self.count = 0
        self.discarding = False
        self.refusal: Failure | None = None
        self.held_ms: float | None = None
        self.waited: dict[str, float] = {}

    def next_attempt(self) -> str:
        self.count += 1
        return f"{self.block}a{self.count}"

    def add_attempt(self, finish: ev.AttemptFinished) -> None:
        self.attempts.append(finish)


class Notebook:
    """A recorder that remembers."""

    timeline, turn, run = "k3f9w2m7qd", 1, ""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []

    def emit(self, event: ev.Event) -> None:
        self.events.append(event)

    def delta(self, block: str, channel: Channel, ms: float, text: str, *, restart: bool = False) -> None:
        """Live pieces are not looked at here."""

    def blob(self, data: bytes) -> str:
        return ""

    async def commit(self) -> None:
        """Stored at once."""

    def measure_ms(self) -> float:
        return 0.0

    @property
    def waits(self) -> list[str]:
        return [e.cause for e in self.events if isinstance(e, ev.AttemptWaiting)]

    @property
    def notes(self) -> list[str]:
        return [e.kind for e in self.events if isinstance(e, ev.Note)]


Step = Failure | tuple[str, Failure] | str


class Steps:
    """An inner gateway: each call takes the next step, the last one stays: a text, a failure, or both."""

    def __init__(self, *steps: Step, tell: Callable[[ModelRef], None] = lambda _: None) -> None:
        self.steps = list(steps)
        self.asked: list[ModelRef] = []
        self._tell = tell

    async def stream(self, call: ModelCall) -> AsyncGenerator[Item, None]:
        self.asked.append(call.ref)
        self._tell(call.ref)
        await asyncio.sleep(0)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        text, failure = step if isinstance(step, tuple) else (None, step) if isinstance(step, Failure) else (step, None)
        if text is not None:
            yield Piece("text", text)
        if failure is not None:
            raise failure
        yield Answer("stop", Content((TextPart(text or ""),)))


async def collect(gateway: Gateway, notebook: Notebook, ref: ModelRef = REF, request: Request = REQUEST) -> list[Item]:
    """All items of one call."""
    return [item async for item in gateway.stream(ModelCall(ref, request, Here(), notebook))]
