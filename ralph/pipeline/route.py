"""The route step: the tools that a turn needs, decided by the built-in rules or by a model."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import date
from typing import Any, Protocol

from ralph.core.errors import Failure, Kind
from ralph.core.llm.messages import Message, TextPart, user
from ralph.core.llm.request import Answer, Piece, Request, Restart
from ralph.core.log.codec import plain
from ralph.core.log.events import Note
from ralph.core.timeline import decision as decisions
from ralph.core.timeline.decision import RouteDecision
from ralph.counting import estimate
from ralph.pipeline.ask import ask
from ralph.pipeline.block import OpenBlock
from ralph.pipeline.plan import HISTORY_TOKENS, Run, TurnPlan
from ralph.pipeline.route_tools import RouteList, describe_left_out, list_tools

HISTORY_TURNS = 2

_SYSTEM = """\
You route questions. Decide which of these tools, if any, must be used to answer the user's last message:
{tools}
Answer with one JSON object and nothing else: {{"tools": [names], "rounds": 0 to 8, "intent": \
"chat|question|compute|files|web|code|other", "difficulty": "low|medium|high", "reason": "up to 120 characters"}}.
"tools" comes first and is [] when the answer needs none. "rounds" is how many times tools must be called in \
turn, each time with the results of the last."""


class DecisionListener(Protocol):
    """Receives the text of a decision before it is complete, and awaits the request that writes it."""

    def on_text(self, text: str) -> None: ...

    def on_restart(self) -> None: ...

    async def beside(self, asking: Coroutine[Any, Any, Answer], block: OpenBlock) -> Answer:
        """Await the request that runs in this block."""
        ...


PINNED = "pinned by you"
# The kind of the note that the rules replace a small model.
ROUTE_LEFT = "route_left"
# The kind of the note that the list of tools was too long.
TOOLS_LEFT = "route_tools_left_out"


def at_once(run: Run) -> bool:
    """Return whether no model is asked: a person, an earlier turn or the rules decide."""
    return (
        (run.plan.again is not None and bool(run.plan.again.kept)) or run.plan.tools.pinned is not None or by_rules(run)
    )


def by_rules(run: Run) -> bool:
    """Return whether the rules decide: always, or in `auto` if they understand the question or no model is asked."""
    models = run.plan.models
    return models.route_mode == "rules" or (
        models.route_mode == "auto" and (bool(models.route_left) or _understood(run))
    )


def _understood(run: Run) -> bool:
    """Return whether the rules understand the whole question."""
    from ralph import rules  # 35 ms, which the first paint need not wait for

    plan = run.plan
    match = rules.match(run.question, plan.tools.offered, _today(plan), talking=bool(plan.history))
    return match is not None and match.complete


def _say_why_rules(block: OpenBlock, run: Run) -> None:
    """Note once per timeline that no model is asked for the decision."""
    why = run.plan.models.route_left
    if why and run.plan.models.route_mode == "auto" and ROUTE_LEFT not in run.plan.told and not _understood(run):
        run.recorder.emit(Note(ROUTE_LEFT, why, block.block))


def _today(plan: TurnPlan) -> date:
    return plan.tools.around.clock.now().astimezone().date()


async def route(block: OpenBlock, run: Run, listener: DecisionListener | None = None) -> RouteDecision:
    """Decide. After a failure of the model, the block is failed and the rules decide; cancel and budget are raised.

    `listener` receives the text of the decision while the model writes it.
    """
    with block:
        decided, by = await _decide(block, run, listener)
        bounded = decided.limit(run.plan.tools.offered, run.plan.tools.max_rounds)
        block.data = {**plain(bounded), "by": by}
        return bounded


async def _decide(block: OpenBlock, run: Run, listener: DecisionListener | None) -> tuple[RouteDecision, str]:
    from ralph import rules

    plan, text = run.plan, run.question
    if plan.tools.pinned is not None:
        return RouteDecision(plan.tools.pinned, plan.tools.max_rounds, "other", "medium", PINNED), "user"
    if by_rules(run):
        _say_why_rules(block, run)
        return rules.decide(text, plan.tools.offered, _today(plan), talking=bool(plan.history)), "rules"

    def take(item: Piece | Restart) -> None:
        block.take(item)
        if listener and isinstance(item, Restart):
            listener.on_restart()
        elif listener and isinstance(item, Piece) and item.channel == "text":
            listener.on_text(item.text)

    try:
        request, listed = _request(plan, text)
        if listed.left_out:
            run.recorder.emit(Note(TOOLS_LEFT, describe_left_out(listed.left_out, len(listed.names)), block.block))
        asking = ask(plan.models.route, request, block, run, take)
        answer = await (listener.beside(asking, block) if listener else asking)
        read = "".join(p.text for p in answer.content.parts if isinstance(p, TextPart))
        return decisions.read(read), str(plan.models.route)
    except Failure as failure:
        if failure.kind is Kind.BUDGET:
            raise
        block.fail(failure.info)
        return rules.decide(text, plan.tools.offered, _today(plan), talking=bool(plan.history)), "rules"


def _request(plan: TurnPlan, text: str) -> tuple[Request, RouteList]:
    """Return the request, and the tools that it lists."""
    listed = list_tools(plan.tools.specs, plan.tools.on_demand, text)
    request = Request(
        model=plan.models.route.model,
        messages=(*_recent(plan.history), user(text)),
        role="route",
        system=_SYSTEM.format(tools="\n".join(listed.lines)),
        schema=decisions.schema(listed.names),
        max_output=600,
        fresh=plan.again is not None,
    )
    return request, listed


def _recent(history: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return the text of the last two turns, each message cut so that all stay under 1,500 tokens."""
    starts = [n for n, m in enumerate(history) if m.role == "user" and m.text]
    recent = [m for m in history[starts[-HISTORY_TURNS] if len(starts) >= HISTORY_TURNS else 0 :] if m.text]
    share = HISTORY_TOKENS // max(1, len(recent))
    return tuple(Message(m.role, (TextPart(_cut(m.text, share)),)) for m in recent)


def _cut(text: str, tokens: int) -> str:
    while estimate(text) > tokens:
        text = text[: max(1, int(len(text) * 0.8))]
        if len(text) <= tokens:
            break
    return text
