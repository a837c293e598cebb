"""One tool call: requested, decided, run, finished. The first two events are in the database before it runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from ralph.core.llm.messages import CallPart
from ralph.core.llm.tool import Permit, Resource, Tool, ToolCall, ToolFailure, effect_of, prepare, timeout_of
from ralph.core.llm.tool_output import FileChange, FileRecord, Media, Origin, Prepared, ToolOutput
from ralph.core.log import events as ev
from ralph.core.log.codec import plain
from ralph.core.log.recording import Recorder
from ralph.core.timeline.call_times import PERSON
from ralph.disk.interrupted import find_changes
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.call_consent import Ruling, describe_call, make_question, settle_answer, settle_decision
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
        self,
        block: OpenBlock,
        attempt: str | None,
        part: CallPart,
        plan: TurnPlan,
        recorder: Recorder,
        asking: asyncio.Lock,
    ) -> None:
        """`asking` is held while a person is asked, so that one answer may settle the calls beside this one."""
        self._block = block
        self._call = block.next_call()
        self._attempt = attempt
        self._part = part
        self._arguments: Mapping[str, Any] = part.arguments
        self._plan = plan
        self._recorder = recorder
        self._asking = asking
        self._took_ms = self._waited_ms = 0.0
        self._status: ev.CallStatus = "cancelled"
        self._output = ToolOutput("the call was stopped")
        self._origin: Origin | None = None
        self._planned: tuple[FileRecord, ...] = ()

    async def run(self) -> Outcome:
        tool = self._plan.tools.offered.get(self._part.name)
        prepared, failure = Prepared(), ""
        try:
            try:
                if tool is not None and not self._part.broken:
                    prepared, failure = await self._prepare(tool)
            finally:
                self._request(tool, prepared)
            await self._recorder.commit()
            if tool is None:
                self._deny(Ruling(False, "no such tool"))
                offered = ", ".join(sorted(self._plan.tools.offered))
                self._end("error", f"there is no tool '{self._part.name}'; offered: {offered}")
            elif self._part.broken:
                self._deny(Ruling(False, "its arguments cannot be read"))
                self._end("error", unreadable(self._part.broken))
            elif failure:
                self._deny(Ruling(False, "it cannot work"))
                self._end("error", failure)
            else:
                await self._decide_and_run(tool, prepared)
        finally:
            outcome = self._finish()
        return outcome

    async def _prepare(self, tool: Tool) -> tuple[Prepared, str]:
        """Return what the call is going to do, or the sentence why it cannot work. A call that only reads has none."""
        effect, policy = effect_of(tool, self._arguments), self._plan.tools
        if effect in ("none", "read"):
            return Prepared(), ""
        around = policy.around
        if effect == "write" and policy.last_reads is not None:
            around = replace(around, last_reads=await policy.last_reads())
        try:
            return await asyncio.to_thread(prepare, tool, self._arguments, around), ""
        except ToolFailure as failure:
            return Prepared(), str(failure)

    def _request(self, tool: Tool | None, prepared: Prepared) -> None:
        effect = effect_of(tool, self._arguments) if tool else "unknown"
        arguments, part = plain(self._part.arguments), self._part
        shown = self._recorder.secrets.hide(prepared.preview)
        self._recorder.emit(
            ev.ToolRequested(self._call, self._attempt, part.name, arguments, effect, part.id, preview=shown)
        )

    async def _decide_and_run(self, tool: Tool, prepared: Prepared) -> None:
        ruling = await self._rule(tool, prepared)
        while ruling.edited is not None:
            self._arguments = ruling.edited
            prepared, failure = await self._prepare(tool)
            if failure:
                self._deny(ruling)
                self._end("error", failure)
                return
            ruling = await self._rule(tool, prepared)
        if not ruling.allowed:
            self._deny(ruling)
            self._end("denied", f"this call was not allowed ({ruling.by}); do not try it again")
            return
        self._allow(ruling, prepared)
        await self._recorder.commit()
        await self._run(tool, prepared, ruling)

    async def _rule(self, tool: Tool, prepared: Prepared, resource: Resource | None = None) -> Ruling:
        policy = self._plan.tools
        facts = describe_call(tool, self._arguments, policy, resource)
        # The first decision on a program proves the sandbox, which takes some hundred milliseconds.
        decision = await asyncio.to_thread(policy.decide, facts) if facts.effect == "run" else policy.decide(facts)
        if decision.verdict != "ask" or policy.asker is None:
            return settle_decision(decision)
        began = self._recorder.measure_ms()
        try:
            async with self._asking:
                decision = policy.decide(facts)  # again: an answer to another call may have settled this one
                if decision.verdict != "ask":
                    return settle_decision(decision)
                answer = await policy.asker.allow(make_question(self._call, facts, prepared.preview, decision))
                return settle_answer(answer, facts, decision, policy, runs=resource is not None)
        finally:
            self._waited_ms = round(self._waited_ms + self._since(began), 3)

    def _allow(self, ruling: Ruling, prepared: Prepared) -> None:
        edited = plain(self._arguments) if self._arguments is not self._part.arguments else None
        self._planned = tuple(self._plan_record(change) for change in prepared.changes)
        root = str(self._plan.tools.around.root.resolve()) if self._planned else ""
        self._recorder.emit(
            ev.ToolDecided(
                self._call, "allowed", ruling.by, self._waited_ms, ruling.scope, ruling.rule,
                files=self._planned, root=root, arguments=edited,
            )
        )  # fmt: skip

    def _plan_record(self, change: FileChange) -> FileRecord:
        """Keep the bytes before and after as blobs, and return the record that names them."""
        before, after = (None if data is None else self._recorder.blob(data) for data in (change.before, change.after))
        return FileRecord(change.path, before, after)

    def _deny(self, ruling: Ruling) -> None:
        self._recorder.emit(ev.ToolDecided(self._call, "denied", ruling.by, self._waited_ms, ruling.scope, ruling.rule))

    def _end(self, status: ev.CallStatus, text: str) -> None:
        self._status, self._output = status, ToolOutput(text)

    async def _run(self, tool: Tool, prepared: Prepared, ruling: Ruling) -> None:
        around, name = self._plan.tools.around, self._part.name
        timeout_s = timeout_of(tool, around.timeout_s)
        live = LiveOutput(lambda text: self._block.put("tool_output", text), self._recorder.secrets)

        async def may_use(resource: Resource) -> Permit:
            with _pause(limit):
                further = await self._rule(tool, Prepared(), resource)
            return Permit(further.allowed, further.rule)

        limit = asyncio.timeout(timeout_s)
        call = ToolCall(
            around,
            self._call,
            timeout_s,
            live.emit,
            prepared,
            ruling.network,
            ruling.rule,
            ruling.by == PERSON,
            may_use,
        )
        self._origin = _origin(tool, self._arguments)
        began, waited_ms = self._recorder.measure_ms(), self._waited_ms
        try:
            async with limit:
                output: object = await tool.run(self._arguments, call)
            self._take(output)
        except TimeoutError as error:
            if limit.expired():
                self._end("timeout", f"{name} took longer than {timeout_s:g} s and was stopped")
            else:
                self._end("error", f"{name} failed: {error!r}")
        except ToolFailure as failure:
            self._end("error", str(failure))
        except Exception as error:  # noqa: BLE001 - border: whatever a tool raises is its answer, never the end of the turn
            self._end("error", f"{name} failed: {error!r}")
        finally:
            # Without the time in which a person was asked about a further resource of the call.
            self._took_ms = round(self._since(began) - (self._waited_ms - waited_ms), 3)
            live.end()

    def _take(self, output: object) -> None:
        if isinstance(output, ToolOutput):
            self._status = "timeout" if output.timed_out else "error" if output.failed else "ok"
            self._output = output
            self._origin = output.origin or self._origin
        elif isinstance(output, str):
            self._end("ok", output)
        else:
            self._end("error", f"{self._part.name} failed: it gave back {type(output).__name__}, and no text")

    def _since(self, began: float) -> float:
        return round(self._recorder.measure_ms() - began, 3)

    def _keep_media(self, media: Media) -> ev.Attachment:
        data = media.content
        return ev.Attachment(media.name, media.media_type, self._recorder.blob(data), len(data))

    def _look_at_disk(self) -> None:
        """Say which planned changes were made by a call that was stopped or failed."""
        found = find_changes(self._plan.tools.around.root.resolve(), self._planned)
        stopped = self._status in ("cancelled", "timeout")
        text = f"{self._output.text}; {found.text}" if stopped else self._output.text
        self._output = replace(self._output, text=text, files=found.done)

    def _finish(self) -> Outcome:
        if self._planned and self._status != "ok":
            self._look_at_disk()
        text = self._output.text
        whole = text.encode("utf-8", "replace")
        blob = self._recorder.blob(whole) if len(whole) > BLOB_BYTES else None
        output = whole[:BLOB_BYTES].decode("utf-8", "ignore") if blob else text
        sent = self._output.brief or _cut(text)
        self._recorder.emit(
            ev.ToolFinished(
                self._call,
                self._status,
                output,
                sent=sent if sent != text else None,
                blob=blob,
                duration_ms=self._took_ms,
                waited_ms=self._waited_ms,
                origin=self._origin,
                sandbox=self._output.sandbox,
                files=self._output.files,
                media=tuple(self._keep_media(media) for media in self._output.media),
            )
        )
        return Outcome(self._status, output, sent)


def _cut(text: str) -> str:
    """Return what the model reads of a text that says nothing shorter: its beginning."""
    rest = len(text) - SENT_CHARACTERS
    return f"{text[:SENT_CHARACTERS]}\n[{rest} more characters were left out]" if rest > 0 else text


@contextmanager
def _pause(limit: asyncio.Timeout) -> Iterator[None]:
    """Stop the clock of a limit: the time in which a person thinks is not the tool's."""
    loop, end = asyncio.get_running_loop(), limit.when()
    began = loop.time()
    limit.reschedule(None)
    try:
        yield
    finally:
        if end is not None and not limit.expired():
            limit.reschedule(end + loop.time() - began)


def _origin(tool: Tool, arguments: Mapping[str, Any]) -> Origin:
    """Return the origin of an output that does not say: the network and unknown tools are outside."""
    return "outside" if effect_of(tool, arguments) in ("network", "unknown") else "project"
