"""Token estimates without a tokenizer, for figures that are needed before a provider reports them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from ralph.core.llm.messages import CallPart, Message, ResultPart, TextPart, ThinkingPart
from ralph.core.llm.request import Request

# Measured against o200k: English 4.6 characters a token, JSON 2.3, Chinese 1.5. Erring high is the safe side.
_LETTERS_PER_TOKEN = 4.0
_SYMBOLS_PER_TOKEN = 2.0
_WIDE_PER_TOKEN = 1.4
_PER_MESSAGE = 4

# Compiled at first use: the second takes 5 ms, and a start needs neither.
_LETTERS = r"[A-Za-z\s]+"
_WIDE = "[\u1100-\uffff\U00010000-\U0010ffff]+"


def estimate(text: str) -> int:
    """Return the tokens in a text, within about 15 % for prose and code, on the high side."""
    return max(1, round(weight(text))) if text else 0


def weight(text: str) -> float:
    """Return the tokens before rounding; the weights of pieces add up to that of the whole."""
    letters = sum(len(m) for m in re.findall(_LETTERS, text))
    wide = sum(len(m) for m in re.findall(_WIDE, text))
    rest = len(text) - letters - wide
    return letters / _LETTERS_PER_TOKEN + rest / _SYMBOLS_PER_TOKEN + wide / _WIDE_PER_TOKEN


def estimate_request(request: Request) -> int:
    """Return the input tokens of a request: system, tools, conversation and instruction."""
    total = estimate(request.system) + estimate(request.instruction)
    for tool in request.tools:
        total += estimate(tool.name) + estimate(tool.description) + estimate(json.dumps(dict(tool.schema)))
    if request.schema:
        total += estimate(json.dumps(dict(request.schema)))
    return total + estimate_messages(request.messages)


def estimate_messages(messages: Iterable[Message]) -> int:
    """Return the input tokens of a conversation alone."""
    return sum(_message(m) for m in messages)


def _message(message: Message) -> int:
    total = _PER_MESSAGE
    for part in message.parts:
        match part:
            case TextPart() | ThinkingPart():
                total += estimate(part.text)
            case CallPart():
                total += estimate(part.name) + estimate(json.dumps(dict(part.arguments), default=str))
            case ResultPart():
                total += estimate(part.output)
    return total
