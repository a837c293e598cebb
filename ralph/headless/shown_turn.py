"""A turn without a screen while it runs: its views, what stops it, and what is told of its end."""

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

_VIEWS: Mapping[Output, Callable[[Writing], EndingView]] = {"text": TextView, "json": SilentView, "jsonl": JsonlView}


@frozen
class EndedTurn(Data):
    """`code`: the exit code. `why`: what stopped it from outside. `unstored`: why not all of it is in the database."""

    turn: Turn
    code: int
    why: ErrorInfo | None = None
    unstored: StoreFailure | None = None

    def json(self) -> dict[str, Any]:
        """The object of `--output json`."""
        made = turn_json(self.turn)
        if self.why and self.turn.status == "cancelled":
            made["error"] = {"kind": self.why.kind.value, "message": self.why.message, "step": made["error"]["step"]}
        elif self.unstored and made["error"] is None:
            error = {"kind": self.unstored.kind.value, "message": self.unstored.message, "step": None}
            made["status"], made["error"] = "failed", error
        return made


class LoudNotes:
    """The notes that a person must see, also those between turns."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def event(self, envelope: Envelope) -> None:
        if isinstance(envelope.event, Note) and envelope.event.data.get("loud"):
            self.texts.append(envelope.event.text)

    def chunk(self, block: str, channel: Channel, ms: float, text: str) -> None:
        """No note is a piece of a block."""


class ShownTurn:
    """Shows what runs in the conversations that it is attached to, and stops it when the process has to end."""

    def __init__(
        self, output: Output, out: TextIO, err: TextIO, signals: Signals | None = None, timeout_s: float | None = None
    ) -> None:
        """Without `signals` of the process, `timeout_s` counts from the first turn on."""
        self._err = err
        self._signals = signals
        self._timeout_s = timeout_s
        self._stopped: list[int] = []
        self._stopping: list[asyncio.Task[None]] = []
        self._running: Sequence[Conversation] = ()
        self.writing = Writing(out, lambda: self._stop(SIGPIPE_EXIT))
        self.view = _VIEWS[output](self.writing)
        self._notes = LoudNotes()

    def attach(self, conversation: Conversation) -> None:
        conversation.attach(self.view)
        conversation.attach(self._notes)
        conversation.attach(WaitingView(self._err))

    def attach_beside(self, conversation: Conversation) -> None:
        """Of what runs beside the conversation only the event stream is shown, and what it waits for."""
        if isinstance(self.view, JsonlView):
            conversation.attach(self.view)
        conversation.attach(WaitingView(self._err))

    @property
    def stopped(self) -> int:
        """The exit code of what stopped it; 0 where nothing did."""
        return self._stopped[0] if self._stopped else 0

    @contextlib.contextmanager
    def stopping(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        """While this is open, a signal or the time limit stops their turns."""
        self._running = conversations
        with contextlib.ExitStack() as stack:
            if self._signals is None:
                self._signals = Signals()
                self._signals.until(self._timeout_s)
                stack.enter_context(self._signals.watching(asyncio.get_running_loop(), lambda: None))
            stack.enter_context(self._signals.claim(self._stop))
            yield

    async def wait(self, conversation: Conversation, begin: Callable[[], asyncio.Task[None]]) -> EndedTurn:
        """Let this turn run to its end, and close the conversation. Raises `Failure` where it could not begin."""
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
        """Say how it went; the exit code, which is another one where the answer could not be written."""
        turn, code, err = ended.turn, ended.code, self._err
        if self.writing.gone:
            return SIGPIPE_EXIT
        for text in self._notes.texts:
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
        """What stopped it from outside, if something did."""
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
    """Why the turn, which is over, is not stored as a whole. Raises `Failure` where the turn could not begin."""
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
