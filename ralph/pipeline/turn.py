"""One turn from its start to its finish: user, route, tool, format, and the result of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace

from ralph.core.errors import Failure
from ralph.core.llm.messages import Message
from ralph.core.llm.request import Request
from ralph.core.llm.usage import total_cost, total_usage
from ralph.core.log import events as ev
from ralph.core.log.recording import Gateway, Recorder
from ralph.core.timeline import decision as decisions
from ralph.core.timeline.decision import RouteDecision
from ralph.core.timeline.history import exchanges, user_text
from ralph.core.timeline.steps import STEPS
from ralph.core.timeline.turns import Block
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.block_ids import BlockIds
from ralph.pipeline.format import check, format_answer, request
from ralph.pipeline.kept_steps import origin, refill
from ralph.pipeline.plan import Run, TurnPlan
from ralph.pipeline.route import at_once, route
from ralph.pipeline.speculation import Speculation, should_speculate
from ralph.pipeline.tool import run_tools

log = logging.getLogger("ralph.pipeline")


class TurnRun:
    """Pushes the events of one turn. `run` raises only a cancel; every failure is a finished block."""

    def __init__(self, number: int, plan: TurnPlan, gateway: Gateway, recorder: Recorder) -> None:
        self._number = number
        self._plan = plan
        self._gateway = gateway
        self._recorder = recorder
        self._ids = BlockIds(number)
        self._blocks: list[OpenBlock] = []

    async def run(self) -> None:
        plan, recorder = self._plan, self._recorder
        started = ev.TurnStarted(
            plan.input.text,
            context=plan.input.context,
            system=plan.system,
            tools=tuple(sorted(plan.tools.offered)),
            roles=plan.models.roles(),
            settings=plan.settings,
            rerun_of=plan.again.rerun_of if plan.again else None,
            left_out=plan.left_out,
            pastes=plan.input.pastes,
        )
        recorder.emit(started)
        for note in plan.notes:
            recorder.emit(note)
        try:
            await self._steps(user_text(started))
        except Failure as failure:
            log.info("turn %d ended: %s: %s", self._number, failure.kind, failure.message)
        except asyncio.CancelledError:
            raise
        except Exception:  # border: a bug becomes a failed block and a line in the log, and never ends the program
            log.exception("turn %d met a mistake in ralph", self._number)
        finally:
            self._finish()

    async def _steps(self, question: str) -> None:
        run = Run(self._plan, question, self._gateway, self._recorder)
        with self._block("user") as said:
            said.say(question)
        guess = replace(request(_offer_chosen_tools(run, RouteDecision())), speculative=True)
        if not at_once(run) and await should_speculate(self._plan, guess):
            await self._speculative(run, guess)
            return
        decision = await self._route(run)
        run = _offer_chosen_tools(run, decision)
        made = await self._tools(run, decision)
        with self._block("format") as answer:
            await format_answer(answer, run, made)

    async def _route(self, run: Run) -> RouteDecision:
        """Return the decision, or the one that a re-run keeps."""
        if kept := self._find_kept("route"):
            self._keep(kept)
            return decisions.of(kept.data).limit(self._plan.tools.offered, self._plan.tools.max_rounds)
        return await route(self._block("route"), run)

    async def _tools(self, run: Run, decision: RouteDecision) -> tuple[Message, ...]:
        """Return the results, or those that a re-run keeps."""
        if kept := self._find_kept("tool"):
            self._keep(kept)
            return exchanges(kept)
        return await run_tools(self._block("tool"), run, decision)

    def _find_kept(self, kind: str) -> Block | None:
        again = self._plan.again
        return next((b for b in again.kept if b.kind == kind), None) if again else None

    def _keep(self, kept: Block) -> None:
        with self._block(kept.kind, origin(kept)) as block:
            refill(block, kept, self._recorder)

    async def _speculative(self, run: Run, guess: Request) -> None:
        """Route and answer, with the answer already running while a model decides."""
        stopped: Failure | None = None
        self._ids.reserve(*STEPS)
        with self._block("format") as answer:
            async with Speculation(answer, run, guess) as speculation:
                try:
                    decision = await route(self._block("route"), run, speculation)
                    run = _offer_chosen_tools(run, decision)
                    if decision.tools:
                        await speculation.discard()
                    made = await run_tools(self._block("tool"), run, decision)
                except Failure as failure:
                    stopped = failure
                    answer.skip(f"not reached: {failure.kind.value}")
                else:
                    if decision.tools:
                        await format_answer(answer, run, made)
                    else:
                        await speculation.finish()
                        check(answer, run)
        if stopped:
            raise stopped

    def _block(self, kind: ev.BlockKind, kept_from: str | None = None) -> OpenBlock:
        block = OpenBlock(self._recorder, self._ids.take(kind), kind, kept_from=kept_from)
        models = self._plan.models
        if kind in models.reasons:
            block.chosen = models.of(kind), models.reasons[kind]
        self._blocks.append(block)
        return block

    def _last(self, kind: str) -> OpenBlock | None:
        """Return the last block of this kind, or None."""
        return next((b for b in reversed(self._blocks) if b.kind == kind), None)

    def _finish(self) -> None:
        """Emit blocks for steps that were not reached, then the turn's finish. Synchronous, so no cancel gets in."""
        for kind, reason in self._list_unreached():
            with self._block(kind) as block:
                block.skip(reason)
        answer = self._last("format")
        attempts = [a for b in self._blocks for a in b.attempts]
        self._recorder.emit(
            ev.TurnFinished(
                self._status(),
                answer.text if answer else "",
                total_usage(a.usage for a in attempts),
                total_cost(a.cost for a in attempts),
                self._recorder.measure_ms(),
            )
        )

    def _list_unreached(self) -> Iterator[tuple[ev.BlockKind, str]]:
        stopped = self._blocks[-1] if self._blocks else None
        kind = stopped.error.kind.value if stopped and stopped.error else "cancelled"
        for step in STEPS:
            if not self._last(step):
                yield step, f"not reached: {kind}"

    def _status(self) -> ev.Status:
        """Return the status of format; if it was not reached, that of the step that stopped the turn."""
        answer = self._last("format")
        if answer and answer.status != "skipped":
            return answer.status
        before = (self._last(kind) for kind in ("user", "tool", "route"))
        ended = [block.status for block in before if block]
        return next((s for s in ended if s in ("cancelled", "failed")), "cancelled")


def _offer_chosen_tools(run: Run, decision: RouteDecision) -> Run:
    """Return the run with the tools that the later steps declare."""
    return replace(run, plan=replace(run.plan, tools=run.plan.tools.choose(decision.tools)))
