"""Turns a timeline into messages: whole turns only, every call paired with its result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ralph.core.llm.messages import CallPart, Message, Part, ResultPart, TextPart, ThinkingPart, user
from ralph.core.log.events import TurnStarted
from ralph.core.timeline.calls import Call
from ralph.core.timeline.turns import Block, Turn


def conversation(turns: Iterable[Turn]) -> tuple[Message, ...]:
    """Return the messages of these turns, oldest first, with the `opaque` of each complete answer."""
    return tuple(message for turn in turns for message in _turn_messages(turn))


def user_text(started: TurnStarted) -> str:
    """Return the text of the user message: the prompt, and the context from a pipe."""
    return whole_prompt(started.prompt, started.context)


def whole_prompt(prompt: str, context: str) -> str:
    """Return a prompt and its context as one user message."""
    return f"{prompt}\n\n<context>\n{context}\n</context>" if prompt and context else prompt or context


def exchanges(tool: Block) -> tuple[Message, ...]:
    """Return the complete (calls → results) pairs of a tool block; a round with a call without a result is left out."""
    made: list[Message] = []
    for attempt_id in dict.fromkeys(c.attempt for c in tool.calls):
        calls = [c for c in tool.calls if c.attempt == attempt_id]
        if any(c.status is None for c in calls):
            continue
        attempt = next((a for a in tool.attempts if a.id == attempt_id), None)
        content = attempt.end.message if attempt else None
        parts: Sequence[Part] = content.parts if content else [_call_part(c) for c in calls]
        made.append(Message("assistant", tuple(parts), content.opaque if content else None))
        made.append(Message("user", tuple(_result_part(c) for c in calls)))
    return tuple(made)


def for_model(messages: Iterable[Message], provider: str, model: str) -> tuple[Message, ...]:
    """Return the messages for one model: with its own opaque parts, and with only the neutral parts of others.

    Thinking is left out, and call ids are renumbered (`call_1`, …) from the start of the conversation, so that the same
    prefix always gives the same bytes.
    """
    made: list[Message] = []
    renamed: dict[str, str] = {}
    count = 0
    for message in messages:
        kept = message.opaque
        if kept and (kept.provider, kept.model) == (provider, model):
            made.append(message)
            continue
        parts: list[Part] = []
        for part in message.parts:
            match part:
                case ThinkingPart():
                    continue
                case CallPart():
                    count += 1
                    renamed[part.id] = f"call_{count}"
                    parts.append(replace(part, id=renamed[part.id]))
                case ResultPart():
                    parts.append(ResultPart(renamed.get(part.id, part.id), part.name, part.output, part.error))
                case TextPart():
                    parts.append(part)
        if message.role == "user":
            renamed.clear()
        if parts:
            made.append(Message(message.role, tuple(parts)))
    return tuple(made)


def _turn_messages(turn: Turn) -> list[Message]:
    messages = [user(user_text(turn.started))]
    tool = turn.step("tool")
    if tool:
        messages += exchanges(tool)
    messages.append(_answer(turn))
    return messages


def _answer(turn: Turn) -> Message:
    """Return the turn's answer; an answer that was cut short says so, and never carries partial thinking or calls."""
    if turn.status == "ok":
        block = turn.step("format")
        last = block.attempts[-1].end if block and block.attempts else None
        if last and last.message and last.outcome == "ok":
            text = tuple(p for p in last.message.parts if isinstance(p, TextPart | ThinkingPart))
            if "".join(p.text for p in text if isinstance(p, TextPart)) == turn.text:
                called = len(text) < len(
                    last.message.parts
                )  # requested against the rules and never run, so it has no result to pair
                return Message("assistant", text, None if called else last.message.opaque)
        return Message("assistant", (TextPart(turn.text),))
    shown = next((b.text for b in turn.blocks if b.kind == "format"), "")
    mark = f"[cut short: {turn.status or 'interrupted'}]"
    return Message("assistant", (TextPart(f"{shown}\n\n{mark}" if shown else mark),))


def _call_part(call: Call) -> CallPart:
    return CallPart(call.vendor_id or call.id, call.name, call.arguments)


def _result_part(call: Call) -> ResultPart:
    output = call.output if call.sent is None else call.sent
    return ResultPart(call.vendor_id or call.id, call.name, output, error=call.status != "ok")
