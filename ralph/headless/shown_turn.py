"""A running turn without a screen: its views, what stops it, and the report of its end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, TextIO

from ralph.core import background
from ralph.core.data import Data, frozen
from ralph.core.errors import ErrorInfo, Failure, Kind, StoreFailure, exit_code
from ralph.core.llm.request import Channel
from ralph.core.log.envelope import Envelope
from ralph.core.log.events import Note
from ralph.core.ports.conversation import Conversation
from ralph.core.sanitise import line
from ralph.core.timeline.json_output import turn_json
from ralph.core.timeline.turns import Turn
from ralph.headless import outcome
from ralph.headless.signals import SIGNAL_EXITS, TIMEOUT_EXIT, Signals
from ralph.headless.views import EndingView, JsonlView, SilentView, TextView, Writing
from ralph.headless.waiting import WaitingView

Output = Literal["text", "json", "jsonl"]
# The reader of standard output has gone.
SIGPIPE_EXIT = 141

# Kinds of notes on what ralph did otherwise than asked: who decided, who answered, what was left out of a request.
NOTICED = frozenset(("route_left", "fallback", "settings"))

_VIEWS: Mapping[Output, Callable[[Writing], EndingView]] = {"text": TextView, "json": SilentView, "jsonl": JsonlView}


@frozen
class EndedTurn(Data):
    """`code`: the exit code. `why`: the external cause of the stop. `unstored`: why not everything was stored."""

    turn: Turn
    code: int
    why: ErrorInfo | None = None
    unstored: StoreFailure | None = None

    def json(self) -> dict[str, Any]:
        """Return the object of `--output json`."""
        made = turn_json(self.turn)
        if self.why and self.turn.status == "cancelled":
            made["error"] = {"kind": self.why.kind.value, "message": self.why.message, "step": made["error"]["step"]}
        elif self.unstored and made["error"] is None:
            error = {"kind": self.unstored.kind.value, "message": self.unstored.message, "step": None}
            made["status"], made["error"] = "failed", error
        return made


class NoticedNotes:
    """Collects the notes that a person must see, also between turns, and those that say what ralph did otherwise."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def event(self, envelope: Envelope) -> None:
        event = envelope.event
        if isinstance(event, Note) and (event.data.get("loud") or event.kind in NOTICED):
            self.texts.append(event.text)

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """Ignore pieces, since no note is a piece of a block."""


class ShownTurn:
    """Shows the turns of its conversations, and stops them when the process has to end."""

    def __init__(
        self, output: Output, out: TextIO, err: TextIO, signals: Signals | None = None, timeout_s: float | None = None
    ) -> None:
        """Without the process's `signals`, `timeout_s` counts from the first turn on."""
        self._err = err
        self._signals = signals
        self._timeout_s = timeout_s
        self._stopped: list[int] = []
        self._stopping: list[asyncio.Task[None]] = []
        self._running: Sequence[Conversation] = ()
        self.writing = Writing(out, lambda: self._stop(SIGPIPE_EXIT))
        self.view = _VIEWS[output](self.writing)
        self._notes = NoticedNotes()

    def attach(self, conversation: Conversation) -> None:
        conversation.attach(self.view)
        conversation.attach(self._notes)
        conversation.attach(WaitingView(self._err))

    def attach_beside(self, conversation: Conversation) -> None:
        """Attach a conversation that runs beside: only its event stream and its waits are shown."""
        if isinstance(self.view, JsonlView):
            conversation.attach(self.view)
        conversation.attach(WaitingView(self._err))

    @property
    def stopped(self) -> int:
        """Return the exit code of the stop; 0 if there was none."""
        return self._stopped[0] if self._stopped else 0

    @contextlib.contextmanager
    def stopping(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        """Let a signal or the time limit stop these conversations' turns while the block is open."""
        self._running = conversations
        with contextlib.ExitStack() as stack:
            if self._signals is None:
                self._signals = Signals()
                self._signals.until(self._timeout_s)
                stack.enter_context(self._signals.watching(asyncio.get_running_loop(), lambda: None))
            stack.enter_context(self._signals.claim(self._stop))
            yield

    async def wait(self, conversation: Conversation, begin: Callable[[], asyncio.Task[None]]) -> EndedTurn:
        """Run this turn to its end, and close the conversation. Raises `Failure` if it could not begin."""
        with self.stopping([conversation]):
            task = begin()
            await asyncio.wait([task])
            if self._stopping:
                await asyncio.wait(self._stopping)
            unstored = await _close(conversation, task)
        self.view.end()
        if isinstance(self.view, TextView) and self.view.void:
            void = f"ignore the first {self.view.void:,} characters above: the answer started again"
            print(f"ralph: {void}", file=self._err)
        turns = conversation.timeline().turns
        if unstored and not turns:
            raise unstored
        code = self.stopped or outcome.code_of(turns[-1]) or (exit_code(unstored.kind) if unstored else 0)
        return EndedTurn(turns[-1], code, self.stop_reason(turns[-1], code), unstored)

    def tell(self, ended: EndedTurn) -> int:
        """Report the end; return the exit code, which differs if the answer could not be written."""
        turn, code, err = ended.turn, ended.code, self._err
        if self.writing.gone:
            return SIGPIPE_EXIT
        for text in dict.fromkeys(self._notes.texts):
            if turn.status == "ok" or text != outcome.sentence(turn):
                print(f"ralph: {line(text)}", file=err)
        for text in outcome.describe_denials(turn) if turn.status == "ok" else ():
            print(f"ralph: {line(text)}", file=err)
        if self.writing.refused:
            code = code or exit_code(Kind.IO)
            print(f"ralph: the answer could not be written: {self.writing.refused}", file=err)
        elif ended.why or turn.status != "ok":
            print(f"ralph: {ended.why.message if ended.why else outcome.sentence(turn)}", file=err)
        if ended.unstored and ended.unstored.message not in outcome.sentence(turn):
            print(f"ralph: {ended.unstored.message}", file=err)
        if not code or turn.usage.source != "none":
            print(outcome.cost_line(turn), file=err)
        return code

    def stop_reason(self, turn: Turn, code: int) -> ErrorInfo | None:
        """Return the external cause of the stop, if there was one."""
        if turn.status != "cancelled" and code not in (*SIGNAL_EXITS, TIMEOUT_EXIT):
            return None
        kept = "the turn had ended" if turn.status != "cancelled" else "what had arrived was kept"
        if code == TIMEOUT_EXIT:
            return ErrorInfo(Kind.DEADLINE, f"stopped after {self._timeout_s:g} s (--timeout); {kept}")
        return ErrorInfo(Kind.CANCELLED, f"stopped by a signal; {kept}")

    def _stop(self, code: int) -> None:
        self._stopped.append(code)
        for one in self._running:
            self._stopping.append(background.start(one.stop(), "stopping the turn"))


async def _close(conversation: Conversation, task: asyncio.Task[None]) -> StoreFailure | None:
    """Return why the ended turn is not completely stored. Raises `Failure` if the turn could not begin."""
    unstored: StoreFailure | None = None
    try:
        await conversation.close()
    except StoreFailure as failure:
        unstored = failure
    error = None if task.cancelled() else task.exception()
    if isinstance(error, Exception):
        if isinstance(error, Failure):
            raise error
        raise Failure(Kind.INTERNAL, f"ralph hit a bug: {error!r}; please report it, with the log") from error
    return unstored
