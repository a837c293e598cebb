"""`md`: a document for people, with each turn's question, steps, calls, answer and cost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ralph.core.clock import local
from ralph.core.formatting import plural, seconds
from ralph.core.llm.usage import Cost, Usage, dollars, format_charge, mark
from ralph.core.log.codec import plain
from ralph.core.sanitise import line
from ralph.core.timeline.calls import Call
from ralph.core.timeline.figure_words import apart_of_turn
from ralph.core.timeline.recorded import RecordedTimeline
from ralph.core.timeline.same_failure import is_same
from ralph.core.timeline.step_times import turn_figures
from ralph.core.timeline.steps import STEPS
from ralph.core.timeline.timeline import failure_of
from ralph.core.timeline.turns import Block, Turn
from ralph.export._base import TextExport

# The rest of a longer output is only in `json` and `jsonl`.
OUTPUT_LINES = 40
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")


def text(timeline: RecordedTimeline) -> str:
    parts = [f"# {line(timeline.title) or 'untitled'}", _head(timeline)]
    if timeline.system:
        parts += ["System prompt:", _quote(timeline.system)]
    for turn in timeline.turns:
        parts += _turn(turn)
    parts += ["---", _total(timeline)]
    return "\n\n".join(parts) + "\n"


def _head(timeline: RecordedTimeline) -> str:
    fork = timeline.forked_from
    facts = [f"timeline `{timeline.id}`", local(timeline.opened_at)[:16], plural(len(timeline.turns), "turn")]
    if fork:
        facts.append(f"fork of `{fork.timeline}` after {f'turn {fork.turn}' if fork.turn else 'its start'}")
    return " · ".join(facts)


def _total(timeline: RecordedTimeline) -> str:
    facts = ["In all", *_spending(timeline.usage, timeline.cost, asked=bool(timeline.own_attempts))]
    if timeline.forked_from and timeline.inherited_cost != Cost():
        facts.append(f"{dollars(timeline.inherited_cost)} before the fork, paid by its origin")
    return " · ".join(facts)


def _turn(turn: Turn) -> Iterator[str]:
    yield f"## {turn.number} · {local(turn.at)}"
    if turn.started.prompt:
        yield _quote(turn.started.prompt)
    if turn.started.context:
        yield "With it came:"
        yield _fence(turn.started.context)
    yield "\n".join(_step(block, turn) for role in STEPS if (block := turn.step(role)))
    for call in (c for block in turn.blocks for c in block.calls):
        yield f"`{line(_call(call))}` → {call.status or 'open'}{f' · sandbox {call.sandbox}' if call.sandbox else ''}"
        if call.output:
            yield _fence(call.output)
    if turn.text.strip():
        yield _close_fence(turn.text.strip())
    failed = failure_of(turn) if turn.status != "ok" else None
    if turn.status != "ok":
        yield f"**{turn.status or 'interrupted'}**" + (f": {line(failed[0].message)}" if failed else "")
    figures = turn_figures(turn)
    used = _spending(turn.usage, turn.cost, asked=bool(turn.attempts))
    yield f"*{' · '.join([seconds(figures.own_ms or 0.0), *used, *apart_of_turn(figures)])}*"


def _step(block: Block, turn: Turn) -> str:
    """Return the model of a step, its result and the reason; the end of the turn is described below it."""
    last = block.attempts[-1] if block.attempts else None
    who = f"`{line(f'{last.provider}:{last.model}')}`" if last else "no model"
    if block.copied_from:
        who = f"kept from `{block.copied_from}`"
    ended = failure_of(turn) if turn.status != "ok" else None
    error = "" if ended and is_same(ended[0], block.error) else block.error.message if block.error else ""
    why = error or block.reason or _decision(block)
    facts = [who if block.status != "skipped" else "", block.status or "open", line(why)]
    return f"- {block.kind}: {' · '.join(fact for fact in facts if fact)}"


def _decision(block: Block) -> str:
    if "tools" not in block.data:
        return ""
    return f"{', '.join(block.data['tools']) or 'no tool'}: {block.data.get('reason', '')}"


def _call(call: Call) -> str:
    return f"{call.name}({json.dumps(plain(call.arguments), ensure_ascii=False)})".replace("`", "'")


def _spending(usage: Usage, cost: Cost, *, asked: bool) -> list[str]:
    """Return tokens and cost. `asked`: a request was sent, whatever its result."""
    if usage.source == "none":
        return [format_charge(cost, usage)] if asked else ["no model", dollars(cost)]
    cached = f" ({usage.cache_read:,} cached)" if usage.cache_read else ""
    how = mark(usage)
    return [f"{how}{usage.input:,} tokens in{cached}, {how}{usage.output:,} out", dollars(cost)]


def _quote(text: str) -> str:
    return "\n".join(f"> {row}".rstrip() for row in _close_fence(text).splitlines())


def _fence(text: str) -> str:
    """Return the text in a fence that is longer than any inside; a long text is cut, with a remark."""
    rows = text.rstrip("\n").split("\n")
    more = len(rows) - OUTPUT_LINES
    if more > 0:
        rows = [*rows[:OUTPUT_LINES], f"… {plural(more, 'more line')}"]
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return "\n".join((fence, *rows, fence))


def _close_fence(text: str) -> str:
    """Close a code block that the cut of an answer left open, so that the following text is outside."""
    fence = ""
    for row in text.splitlines():
        found = _FENCE.match(row)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return f"{text}\n{fence}" if fence else text


EXPORT = TextExport("md", ".md", text)
