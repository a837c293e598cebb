"""Decodes an answer of Anthropic's Messages API, block by block."""

from __future__ import annotations

from typing import Any

from ralph.core.errors import Kind
from ralph.core.llm.messages import Content, Opaque, Part, TextPart, ThinkingPart
from ralph.core.llm.request import Answer, StopReason
from ralph.core.llm.usage import Usage
from ralph.core.log.codec import dumps
from ralph.providers._anthropic_blocks import ContentBlock, ContentBlocks, Sort
from ralph.providers._decoder import Json, StreamDecoder
from ralph.providers._failures import Peer, build_stream_failure
from ralph.providers._figures import Figures, tokens
from ralph.providers._stops import Stops, stop_of, stop_word
from ralph.providers._texts import as_list, as_object, text_of
from ralph.providers._unicode import scrub

# `stop_reason`; the sources stand in docs/decisions/001.
ANTHROPIC_STOPS: Stops = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "stop": "stop",
    "max_tokens": "length",
    "length": "length",
    "tool_use": "tool_calls",
    "tool_calls": "tool_calls",
    "pause_turn": "pause",
    "refusal": "refusal",
    "content_filter": "refusal",
    "model_context_window_exceeded": "context",
}
_NEUTRAL = ("text", "tool_use")


class AnthropicDecoder(StreamDecoder):
    """Decodes one answer. Each delta goes to the block of its index: llama.cpp starts a block before the last one ends.

    The keys of an event say what the event is; its type is read only if the keys are not enough. A stop reason ends
    the answer, also without `message_stop`. A whole message in one document is read as the events that it stands for.
    """

    def __init__(self, who: Peer, provider: str, model: str) -> None:
        super().__init__(who)
        self._provider = provider
        self._model = model
        self._blocks = ContentBlocks(self._show)
        self._word = ""
        self._ended = False
        self._counts: Json = {}

    @property
    def complete(self) -> bool:
        return self._ended or bool(self._word)

    def take(self, event: Json) -> None:
        kind = event.get("type")
        if isinstance(event.get("content_block"), dict):
            self._blocks.begin(event.get("index"), event["content_block"])
        if kind == "content_block_stop":
            self._blocks.close(event.get("index"))
        self._delta(event)
        message = event if _is_message(event) else as_object(event.get("message"))
        if message:
            self._message(message)
        self._merge(event.get("usage"))
        self._read_stop(event.get("stop_reason"))
        if kind == "error" or event.get("error"):
            raise build_stream_failure(self.who, event if event.get("error") else {**event, "type": None})
        if kind == "message_stop" or (_is_message(event) and self._word):
            self._ended = self.done = True

    def _delta(self, event: Json) -> None:
        delta = event.get("delta")
        if isinstance(delta, dict):
            self._merge(delta.get("usage"))
            self._read_stop(delta.get("stop_reason"))
            self._blocks.delta(event.get("index"), delta)
        elif text := text_of(delta):
            self._blocks.delta(event.get("index"), {"text": text})

    def _message(self, message: Json) -> None:
        """Take the start of a message. The start already holds the content if a server sends all at once."""
        if model := message.get("model"):
            self.report(model=model)
        content = message.get("content")
        for place, block in enumerate([content] if isinstance(content, str) and content else as_list(content)):
            start = {"type": "text", "text": block} if isinstance(block, str) else as_object(block)
            self._blocks.begin(place, start)
            self._blocks.close(place)
        self._merge(message.get("usage"))
        self._read_stop(message.get("stop_reason"))
        if message.get("error"):
            raise build_stream_failure(self.who, message)

    def _read_stop(self, value: Any) -> None:
        self._word = stop_word(value) or self._word

    def _show(self, sort: Sort, text: str) -> None:
        self.add("tool_input" if sort == "input" else sort, text)

    def _merge(self, usage: Any) -> None:
        """Merge a usage report. The end of a message repeats some counts and omits others, which stay valid."""
        if not isinstance(usage, dict) or not usage:
            return
        for name, value in usage.items():
            before, now = tokens(self._counts.get(name)), tokens(value)
            if value is not None and (before is None or (now is not None and now >= before)):
                self._counts[name] = value
        figures = Figures(self._counts)
        self.count(figures, anthropic_usage(figures), dict(self._counts))

    def answer(self) -> Answer:
        meaning = stop_of(self._word, ANTHROPIC_STOPS) if self._word else "stop"
        if isinstance(meaning, Kind):
            raise build_stream_failure(self.who, {"message": f"it stopped with {self._word!r}", "type": meaning.value})
        whole = meaning in ("stop", "tool_calls", "pause")
        blocks = self._blocks.sort()
        calls = self._blocks.calls(blocks).parts(cut_short=not whole)
        stop: StopReason = "tool_calls" if calls and meaning == "stop" else meaning
        opaque = None
        if whole and self._blocks.faithful and any(b.type not in _NEUTRAL for b in blocks):
            opaque = Opaque(self._provider, self._model, dumps(scrub([b.whole() for b in blocks])))
        said = [part for block in blocks if (part := _part(block))]
        return Answer(stop, Content((*said, *calls), opaque), self._word if stop == "unknown" else "")


def _part(block: ContentBlock) -> Part | None:
    whole = block.whole()
    if block.type in ("text", "tool_use") or not block.texts["thinking"]:
        text = whole.get("text") if block.type == "text" else "".join(block.texts["text"])
        return TextPart(text) if text else None
    return ThinkingPart(whole["thinking"] if block.type == "thinking" else "".join(block.texts["thinking"]))


def _is_message(event: Json) -> bool:
    """Return whether the event is a whole message."""
    kind = event.get("type")
    return kind == "message" or (not isinstance(kind, str) and isinstance(event.get("content"), list | str))


def anthropic_usage(figures: Figures) -> Usage | None:
    """Return the usage in ralph's token classes. Anthropic's input count leaves out cached tokens."""
    read = figures.count("cache_read", "cache_read_input_tokens")
    written = figures.count("cache_write", "cache_creation_input_tokens") or 0
    lives = [
        figures.count("cache_write", ("cache_creation", f"ephemeral_{life}_input_tokens")) for life in ("5m", "1h")
    ]
    written = max(written, sum(n or 0 for n in lives))
    bare = figures.count("input", "input_tokens")
    whole = figures.count("input", "prompt_tokens") if bare is None else bare + (read or 0) + written
    return figures.usage(
        whole,
        figures.count("output", "output_tokens", "completion_tokens"),
        cached=read,
        written=written,
        reasoning=figures.count("reasoning", ("output_tokens_details", "thinking_tokens")),
    )
