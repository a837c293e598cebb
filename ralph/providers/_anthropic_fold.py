"""The answer of Anthropic's Messages, folded by block index."""

from __future__ import annotations

from typing import Any

from ralph.core.codec import dumps
from ralph.core.messages import Content, Opaque, Part, TextPart, ThinkingPart
from ralph.core.provider import Answer, StopReason
from ralph.core.usage import Usage
from ralph.providers._calls import Calls, parsed
from ralph.providers._failures import Party, reported
from ralph.providers._fold import Fold, Json, count

_STOPS: dict[str, StopReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "pause_turn": "pause",
    "refusal": "refusal",
    "model_context_window_exceeded": "context",
}
_NEUTRAL = ("text", "tool_use")


class AnthropicFold(Fold):
    """Deltas go to the block of their index: llama.cpp begins a block before it ends the one before."""

    def __init__(self, who: Party, provider: str, model: str) -> None:
        super().__init__(who)
        self._provider = provider
        self._model = model
        self._blocks: dict[int, Json] = {}
        self._texts: dict[int, list[str]] = {}
        self._stop = ""
        self._usage: Json = {}

    def take(self, event: Json) -> None:
        match event.get("type"):
            case "content_block_delta":
                self._delta(event["index"], event["delta"])
            case "content_block_start":
                self._blocks[event["index"]] = dict(event["content_block"])
                self._texts[event["index"]] = []
            case "message_start":
                message = event["message"]
                self.report(model=message.get("model"))
                self._merge(message.get("usage"))
            case "message_delta":
                self._stop = (event.get("delta") or {}).get("stop_reason") or self._stop
                self._merge(event.get("usage"))
            case "message_stop":
                self.done = True
            case "error":
                raise reported(self.who, event.get("error") or event)
            case None if event.get("error"):
                raise reported(self.who, event["error"])
            case _:
                pass  # pings, ends of blocks, and what a later version adds

    def _delta(self, index: int, delta: Json) -> None:
        match delta["type"]:
            case "text_delta":
                self._texts[index].append(delta["text"])
                self.add("text", delta["text"])
            case "thinking_delta":
                self._texts[index].append(delta["thinking"])
                if delta["thinking"]:
                    self.add("thinking", delta["thinking"])
            case "input_json_delta":
                self._texts[index].append(delta["partial_json"])
                if delta["partial_json"]:
                    self.add("tool_input", delta["partial_json"])
            case "signature_delta":
                self._blocks[index]["signature"] = delta["signature"]
            case "citations_delta":
                block = self._blocks[index]
                block["citations"] = [*(block.get("citations") or ()), delta["citation"]]
            case _:
                pass  # what a later version adds

    def _merge(self, usage: Any) -> None:
        """A message's end repeats some counts and leaves out others; what it leaves out still holds."""
        if isinstance(usage, dict):
            self._usage = {**self._usage, **{k: v for k, v in usage.items() if v is not None}}
            self.report(usage=anthropic_usage(self._usage), raw_usage=self._usage)

    def answer(self) -> Answer:
        stop = _STOPS.get(self._stop, "stop")
        whole = stop in ("stop", "tool_calls", "pause")
        calls = Calls()
        blocks: list[Json] = []
        for index in sorted(self._blocks):
            blocks.append(self._block(index, calls))
        by_index = iter(calls.parts(cut_short=not whole))
        parts: list[Part] = []
        for block in blocks:
            match block["type"]:
                case "text" if block["text"]:
                    parts.append(TextPart(block["text"]))
                case "thinking" if block["thinking"]:
                    parts.append(ThinkingPart(block["thinking"]))
                case "tool_use":
                    parts += [call] if (call := next(by_index, None)) else []
        opaque = None
        if whole and any(block["type"] not in _NEUTRAL for block in blocks):
            opaque = Opaque(self._provider, self._model, dumps(blocks))
        return Answer(stop, Content(tuple(parts), opaque))

    def _block(self, index: int, calls: Calls) -> Json:
        """The block as the API wants it back."""
        block, text = self._blocks[index], "".join(self._texts[index])
        match block["type"]:
            case "text":
                return {**block, "text": block.get("text", "") + text}
            case "thinking":
                return {**block, "thinking": block.get("thinking", "") + text}
            case "tool_use":
                given = text or block.get("input") or {}
                calls.open(index, block.get("id", ""), block.get("name", ""))
                calls.add(index, given)
                return {**block, "input": parsed([given]) or {}}
            case "server_tool_use" if text:
                return {**block, "input": parsed([text]) or {}}
        return block


def anthropic_usage(usage: Json) -> Usage:
    """In the house's classes: theirs leaves cached tokens out of the input."""
    read, write = count(usage, "cache_read_input_tokens"), count(usage, "cache_creation_input_tokens")
    return Usage(
        input=count(usage, "input_tokens") + read + write,
        cache_read=read,
        cache_write=write,
        output=count(usage, "output_tokens"),
        reasoning=count(usage, "output_tokens_details", "thinking_tokens"),
        source="reported",
    )
