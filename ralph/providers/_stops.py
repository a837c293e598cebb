"""Translates a server's finish reason into one of ralph's reasons, a failure, or unknown.

docs/decisions/001-what-wires-tolerate.md lists the words and where each is documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ralph.core.errors import Kind
from ralph.core.llm.request import StopReason

Stops = Mapping[str, StopReason | Kind]

# Chat Completions and its imitators. Words are compared in lower case, without the prefixes of some servers.
CHAT_STOPS: Stops = {
    "stop": "stop",
    "stop_sequence": "stop",
    "end_turn": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end": "stop",
    "normal": "stop",
    "complete": "stop",
    "completed": "stop",
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "max_length": "length",
    "token_limit": "length",
    "model_length": "context",
    "model_context_window_exceeded": "context",
    "context_length_exceeded": "context",
    "tool_calls": "tool_calls",
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "function_calls": "tool_calls",
    "content_filter": "refusal",
    "content_filtered": "refusal",
    "guardrail_intervened": "refusal",
    "refusal": "refusal",
    "sensitive": "refusal",
    "safety": "refusal",
    "recitation": "refusal",
    "blocklist": "refusal",
    "prohibited_content": "refusal",
    "spii": "refusal",
    "image_safety": "refusal",
    "content_blocked": "refusal",
    "image_prohibited_content": "refusal",
    "image_recitation": "refusal",
    "language": "refusal",
    "error": Kind.SERVER,
    "network_error": Kind.SERVER,
    "insufficient_system_resource": Kind.OVERLOADED,
    "abort": Kind.SERVER,
    "aborted": Kind.SERVER,
    "cancelled": Kind.SERVER,
    "timeout": Kind.TIMEOUT,
    "time_limit": Kind.TIMEOUT,
    "malformed_function_call": Kind.SERVER,
    "malformed_tool_call": Kind.SERVER,
    "unexpected_tool_call": Kind.SERVER,
    "too_many_tool_calls": Kind.SERVER,
    "missing_thought_signature": Kind.SERVER,
    "other": Kind.SERVER,
    "resource_exhausted": Kind.RATE_LIMIT,
    "rate_limit_exceeded": Kind.RATE_LIMIT,
}

# Words in each piece that mean that the answer has not ended yet.
_NOT_YET = frozenset(("", "null", "none", "in_progress", "finish_reason_unspecified", "undefined"))


def stop_word(value: Any) -> str:
    """Return the server's word, whatever its type; empty while there is none."""
    if isinstance(value, Mapping):
        word = next((value[k] for k in ("type", "reason", "value", "name") if value.get(k)), None)
        value = word or (str(dict(value)) if any(value.values()) else "")  # an object of empty values is no reason
    if not value:
        return ""
    word = str(value).strip()
    return "" if word.lower() in _NOT_YET else word


def stop_of(word: str, stops: Stops) -> StopReason | Kind | Literal["unknown"]:
    """Return the meaning of the word; `unknown` for a word that no vendor documents."""
    plain = word.strip().lower().rpartition(".")[2].removeprefix("finish_reason_").replace("-", "_")
    return stops.get(plain, "unknown")
