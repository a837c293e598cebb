"""Reads the text of a chat delta, in every form that servers send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ralph.providers._decoder import Said

_THOUGHTS = ("reasoning_content", "reasoning", "reasoning_text", "thinking", "reasoning_details", "thinking_blocks")
_THINKING = ("thinking", "reasoning", "reasoning.text", "reasoning.summary", "summary_text", "thought")
_TEXTS = ("text", "content", "value", "thinking", "reasoning", "summary", "refusal", "output_text")
_DEEPEST = 8


def words(content: Any, channel: Said = "text", depth: int = 0) -> Iterator[tuple[Said, str]]:
    """Yield the fragments in a content: a text, a number, a part, or a list of these; else raise `TypeError`."""
    if isinstance(content, str):
        yield channel, content
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield channel, str(content)
    elif isinstance(content, list) and depth < _DEEPEST:
        for one in content:
            if one is not None:
                yield from words(one, channel, depth + 1)
    elif isinstance(content, Mapping) and depth < _DEEPEST:
        kind = content.get("type")
        inner = "thinking" if kind in _THINKING or content.get("thought") is True else channel
        texts = [content[key] for key in _TEXTS if isinstance(content.get(key), str | list | dict)]
        if not texts and not isinstance(kind, str):
            raise TypeError(f"{content!r} in place of text")
        if texts:
            yield from words(texts[0], inner, depth + 1)
    else:
        raise TypeError(f"{content!r} in place of text")


def thoughts(delta: Mapping[str, Any]) -> Iterator[str]:
    """Yield the thinking beside the text, under all its names. Thinking under two names is yielded once."""
    seen: list[str] = []
    for name in _THOUGHTS:
        value = delta.get(name)
        if not value or isinstance(value, bool):
            continue
        text = "".join(text for _, text in words(value, "thinking"))
        if text and text not in seen:
            seen.append(text)
            yield text
