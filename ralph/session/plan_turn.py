"""Completes the plan of a turn: the history that fits, the models, and what tools must know of the conversation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ralph.context.left_out import find_left_out, make_note
from ralph.core.llm.consent import Taint
from ralph.core.llm.tool_output import LastRead
from ralph.core.log.events import Note
from ralph.core.timeline.last_reads import find_last_reads
from ralph.core.timeline.taint import find_taint
from ralph.core.timeline.timeline import Fold, Timeline
from ralph.core.timeline.turns import Turn
from ralph.pipeline.plan import ToolPolicy, TurnPlan
from ralph.session.settings import Settings

Whole = Callable[[], Awaitable[Timeline]]


async def complete_plan(
    plan: TurnPlan,
    timeline: Timeline,
    notes: Sequence[Note],
    settings: Settings,
    name: str,
    fold: Fold,
    whole: Whole,
) -> TurnPlan:
    """Return the plan with the slow parts. `timeline` are the turns that may be carried, `notes` those of the tools'
    sources, `name` is the timeline's id, `fold` grows with the turn, and `whole` loads every turn."""
    carried = await settings.context.build(timeline, plan.input)
    numbers = find_left_out(timeline, carried.sent)
    told = make_note(numbers, timeline.turns[-1].started.left_out if timeline.turns else 0)
    window = [turn for turn in timeline.turns if turn.number in set(carried.sent)]
    tools = _watch_content(plan.tools, window, fold, whole)
    notes = (*((told,) if told else ()), *notes, *tools.news())
    made = replace(plan, tools=tools, history=carried.messages, left_out=len(numbers), notes=notes)
    made = replace(made, models=await settings.models.choose(made, name))
    return replace(made, told=_list_note_kinds(timeline)) if made.models.route_left else made


def _watch_content(tools: ToolPolicy, window: Sequence[Turn], fold: Fold, whole: Whole) -> ToolPolicy:
    """Return the tools with what they must know. `window` are the turns that the requests carry; `whole` loads every
    turn, which only a call that writes needs."""
    return replace(tools, taint=partial(_find_taint, window, fold), last_reads=partial(_find_last_reads, whole))


def _find_taint(window: Sequence[Turn], fold: Fold) -> Taint:
    """Return the outside content in these turns and in the running one."""
    running = fold.open_turn()
    return find_taint((*window, running) if running else window)


async def _find_last_reads(whole: Whole) -> Mapping[str, LastRead]:
    return find_last_reads((await whole()).turns)


def _list_note_kinds(timeline: Timeline) -> frozenset[str]:
    """Return the kinds of notes that the timeline already has."""
    return frozenset(note.kind for turn in timeline.turns for block in turn.blocks for note in block.notes)
