"""One tool call: requested, decided, run, finished. The first two events are in the database before it runs."""

from __future__ import annotations

import asyncio
import json
from typing import NamedTuple

from ralph.core.llm.messages import CallPart
from ralph.core.llm.tool import Effect, Tool, ToolCall, ToolFailure, effect_of, preview_of, timeout_of
from ralph.core.log import events as ev
from ralph.core.log.codec import plain
from ralph.core.log.recording import Recorder
from ralph.core.ports.face import Consent
from ralph.core.timeline.call_times import PERSON
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.plan import TurnPlan
from ralph.pipeline.tool_output import LiveOutput

BLOB_BYTES = 64 * 1024
SENT_CHARACTERS = 32_000
SHOWN_CHARACTERS = 400
_NAMES = {list: "a list", str: "a text", bool: "a truth value", type(None): "null", dict: "more than one value"}


class Outcome(NamedTuple):
    """The result of a call. `sent` is the text for the model."""

    status: ev.CallStatus
    output: str
    sent: str


def unreadable(written: str) -> str:
    """Return the text for a model whose arguments are no JSON object, so that it can write them again."""
    try:
        wrong = f"they are {_NAMES.get(type(json.loads(written)), 'a number')}"
    except (ValueError, RecursionError) as error:
        wrong = f"they are not JSON ({error})"
    shown = written if len(written) <= SHOWN_CHARACTERS else f"{written[:SHOWN_CHARACTERS]}…"
    return (
        f"the call was not run: its arguments must be one JSON object, and {wrong}. They were: {shown}\n"
        "Call the tool again with one JSON object as its arguments."
    )


class ToolCallRun:
    """One call. `run` always records exactly one finish, and raises only a cancel or a `StoreFailure`."""

    def __init__(
        self, block: OpenBlock, attempt: str | None, part: CallPart, plan: TurnPlan, recorder: Recorder
    ) -> None:
        self._block = block
        self._call = block.next_call()
        self._attempt = attempt
        self._part = part
        self._plan = plan
        self._recorder = recorder
        self._took_ms = self._waited_ms = 0.0
        self._status: ev.CallStatus = "cancelled"
        self._output = "the call was stopped"

    async def run(self) -> Outcome:
        tool = self._plan.tools.offered.get(self._part.name)
        effect: Effect = effect_of(tool, self._part.arguments) if tool else "unknown"
        arguments = plain(self._part.arguments)
        self._recorder.emit(
            ev.ToolRequested(self._call, self._attempt, self._part.name, arguments, effect, self._part.id)
        )
        try:
            await self._recorder.commit()
            if tool is None:
                self._deny("no such tool")
                offered = ", ".join(sorted(self._plan.tools.offered))
                self._status, self._output = "error", f"there is no tool '{self._part.name}'; offered: {offered}"
            elif self._part.broken:
                self._deny("its arguments cannot be read")
                self._status, self._output = "error", unreadable(self._part.broken)
            elif await self._decide(tool, effect):
                await self._recorder.commit()
                self._status, self._output = await self._run(tool)
        finally:
            outcome = self._finish()
        return outcome

    async def _decide(self, tool: Tool, effect: Effect) -> bool:
        decision = self._plan.tools.decide(self._part.name, self._part.arguments, effect)
        allowed, by = decision.verdict == "allowed", decision.by
        if decision.verdict == "ask":
            allowed, by = await self._ask(tool, effect, by)
        if allowed:
            self._recorder.emit(ev.ToolDecided(self._call, "allowed", by, self._waited_ms))
            return True
        self._deny(by)
        self._status, self._output = "denied", f"this call was not allowed ({by}); do not try it again"
        return False

    async def _ask(self, tool: Tool, effect: Effect, by: str) -> tuple[bool, str]:
        if self._plan.tools.asker is None:
            return False, f"{by}, and nobody is there to ask"
        preview = await asyncio.to_thread(preview_of, tool, self._part.arguments)
        consent = Consent(self._call, self._part.name, self._part.arguments, effect, preview)
        began = self._recorder.measure_ms()
        try:
            return await self._plan.tools.asker.allow(consent), PERSON
        finally:
            self._waited_ms = self._since(began)

    def _deny(self, by: str) -> None:
        self._recorder.emit(ev.ToolDecided(self._call, "denied", by, self._waited_ms))

    async def _run(self, tool: Tool) -> tuple[ev.CallStatus, str]:
        around = self._plan.tools.around
        timeout_s = timeout_of(tool, around.timeout_s)
        live = LiveOutput(lambda text: self._block.put("tool_output", text), self._recorder.secrets)
        call = ToolCall(around, self._call, timeout_s, live.emit)
        limit = asyncio.timeout(timeout_s)
        began = self._recorder.measure_ms()
        try:
            async with limit:
                output: object = await tool.run(self._part.arguments, call)
            if isinstance(output, str):
                return "ok", output
            return "error", f"{self._part.name} failed: it gave back {type(output).__name__}, and no text"
        except TimeoutError as error:
            if limit.expired():
                return "timeout", f"{self._part.name} took longer than {timeout_s:g} s and was stopped"
            return "error", f"{self._part.name} failed: {error!r}"
        except ToolFailure as failure:
            return "error", str(failure)
        except Exception as error:  # noqa: BLE001 - border: whatever a tool raises is its answer, never the end of the turn
            return "error", f"{self._part.name} failed: {error!r}"
        finally:
            self._took_ms = self._since(began)
            live.end()

    def _since(self, began: float) -> float:
        return round(self._recorder.measure_ms() - began, 3)

    def _finish(self) -> Outcome:
        whole = self._output.encode("utf-8", "replace")
        blob = self._recorder.blob(whole) if len(whole) > BLOB_BYTES else None
        output = whole[:BLOB_BYTES].decode("utf-8", "ignore") if blob else self._output
        cut = len(self._output) > SENT_CHARACTERS
        rest = len(self._output) - SENT_CHARACTERS
        sent = f"{self._output[:SENT_CHARACTERS]}\n[{rest} more characters were left out]" if cut else self._output
        self._recorder.emit(
            ev.ToolFinished(
                self._call,
                self._status,
                output,
                sent=sent if cut else None,
                blob=blob,
                duration_ms=self._took_ms,
                waited_ms=self._waited_ms,
            )
        )
        return Outcome(self._status, output, sent)
