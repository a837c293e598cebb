"""The JSON for scripts: a turn as `--output json` prints it, a timeline as `show --json` does."""

from __future__ import annotations

from typing import Any

from ralph.core.log.codec import plain
from ralph.core.log.events import TurnStarted
from ralph.core.timeline.calls import Call
from ralph.core.timeline.step_times import step_figures, turn_figures
from ralph.core.timeline.steps import STEPS
from ralph.core.timeline.timeline import Timeline, failure_of
from ralph.core.timeline.turns import Attempt, Block, Turn


def turn_json(turn: Turn) -> dict[str, Any]:
    """Return the object for one turn. A missing value is null.

    `duration_ms` is the own time of a step or the turn, as its row shows it; `waited` has further ms by cause.
    """
    failed = failure_of(turn) if turn.status != "ok" else None
    answer, figures = turn.step("format"), turn_figures(turn)
    return {
        "timeline": turn.timeline,
        "turn": turn.number,
        "status": turn.status,
        "text": turn.text,
        "stop_reason": answer.attempts[-1].end.stop_reason if answer and answer.attempts else None,
        "error": {**plain(failed[0]), "step": failed[1]} if failed else None,
        "steps": [_step(turn, role) for role in STEPS],
        "usage": plain(turn.usage),
        "cost": plain(turn.cost),
        "duration_ms": figures.own_ms,
        "waited": dict(figures.waited),
    }


def timeline_json(timeline: Timeline) -> dict[str, Any]:
    """Return a whole timeline: its turns as above, each with its question and time."""
    return {
        "timeline": timeline.id,
        "title": timeline.title,
        "opened_at": timeline.opened_at,
        "forked_from": plain(timeline.forked_from),
        "labels": list(timeline.labels),
        "pins": list(timeline.pins),
        "system": timeline.system,
        "turns": [
            {
                "at": turn.at,
                "prompt": turn.started.prompt,
                "context": turn.started.context,
                "roles": dict(turn.started.roles),
                **turn_json(turn),
                "notes": [plain(n) for n in turn.notes],
            }
            for turn in timeline.turns
        ],
        "usage": plain(timeline.usage),
        "cost": plain(timeline.cost),
        "inherited_cost": plain(timeline.inherited_cost),
    }


def _step(turn: Turn, role: str) -> dict[str, Any]:
    block = turn.step(role) or _make_skipped_block(turn, role)
    last = block.attempts[-1] if block.attempts else None
    figures = step_figures(block)
    return {
        "role": role,
        "status": block.status,
        "reason": block.reason,
        "error": plain(block.error),
        "provider": last.provider if last else None,
        "model": last.model if last else None,
        "text": block.text,
        "thinking": block.thinking,
        "data": plain(block.data),
        "usage": plain(block.usage),
        "cost": plain(block.cost),
        "ttft_ms": block.ttft_ms if last else None,
        "duration_ms": figures.own_ms,
        "waited": dict(figures.waited),
        "discarded": plain(figures.guess),
        "attempts": [_attempt(a) for a in block.attempts],
        "tools": [_call(c) for c in block.calls],
    }


def _make_skipped_block(turn: Turn, role: str) -> Block:
    """Return the block of a step that never began because of a crash or an early end."""
    failed = failure_of(turn)
    kind = failed[0].kind if failed else turn.status or "interrupted"
    return Block(id="", kind=role, status="skipped", reason=f"not reached: {kind}")  # type: ignore[arg-type]


def _attempt(attempt: Attempt) -> dict[str, Any]:
    end = attempt.end
    return {
        "id": attempt.id,
        "provider": attempt.provider,
        "model": attempt.model,
        "outcome": end.outcome if attempt.finished else None,
        "speculated": end.speculated,
        "error": plain(end.error),
        "usage": plain(attempt.usage),
        "cost": plain(attempt.cost),
        "ttft_ms": end.ttft_ms,
        "duration_ms": end.duration_ms,
        "phases": dict(end.phases),
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "id": call.id,
        "name": call.name,
        "arguments": plain(call.arguments),
        "status": call.status,
        "output": call.output,
        "duration_ms": call.duration_ms,
        "waited_ms": call.waited_ms,
        "sandbox": call.sandbox,
    }


def empty_turn_json(timeline: str, status: str, kind: str, message: str) -> dict[str, Any]:
    """Return the same object for a run that ended before a turn began."""
    skipped = Turn(0, timeline, "", started=TurnStarted(""), status=status)  # type: ignore[arg-type]
    made = turn_json(skipped)
    for step in made["steps"]:
        step["reason"] = f"not reached: {kind}"
    return {**made, "error": {"kind": kind, "message": message, "step": None}}
