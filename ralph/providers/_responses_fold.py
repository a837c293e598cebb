"""The answer of OpenAI's Responses, folded: deltas are shown, the finished items are the answer."""

from __future__ import annotations

from typing import Any

from ralph.core.codec import dumps
from ralph.core.messages import Content, Opaque, Part, TextPart, ThinkingPart
from ralph.core.provider import Answer, StopReason
from ralph.core.usage import Usage
from ralph.providers._calls import Calls
from ralph.providers._failures import Party, reported
from ralph.providers._fold import Fold, Json, count

_INCOMPLETE: dict[str, StopReason] = {
    "max_output_tokens": "length",
    "content_filter": "refusal",
    "max_messages": "pause",
    "steered": "pause",
}


class ResponsesFold(Fold):
    """Nothing on this wire raises: `failed`, `incomplete` and `error` are events like any other."""

    def __init__(self, who: Party, provider: str, model: str) -> None:
        super().__init__(who)
        self._provider = provider
        self._model = model
        self._output: list[Json] = []
        self._text: list[str] = []
        self._refused = False
        self._stop: StopReason = "stop"

    def take(self, event: Json) -> None:
        match event.get("type"):
            case "response.output_text.delta":
                self._text.append(event["delta"])
                self.add("text", event["delta"])
            case "response.refusal.delta":
                self._refused = True
                self._text.append(event["delta"])
                self.add("text", event["delta"])
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                self.add("thinking", event["delta"])
            case "response.reasoning_summary_part.added" if event.get("summary_index"):
                self.add("thinking", "\n\n")
            case "response.function_call_arguments.delta":
                self.add("tool_input", event["delta"])
            case "response.output_item.done":
                self._output.append(event["item"])
            case "response.created":
                self.report(model=event["response"].get("model"))
            case "response.completed" | "response.incomplete":
                self._end(event["response"])
            case "response.failed":
                self._count(event["response"])
                raise reported(self.who, event["response"].get("error") or "no reason given")
            case "error":
                raise reported(self.who, event)
            case None if event.get("error"):
                raise reported(self.who, event["error"])
            case _:
                pass  # some fifty more, which repeat what these say or are of tools that we do not declare

    def _end(self, response: Json) -> None:
        self._count(response)
        if not self._output:
            self._output = list(response.get("output") or ())
        if response.get("status") == "incomplete":
            reason = (response.get("incomplete_details") or {}).get("reason")
            self._stop = _INCOMPLETE.get(str(reason), "length")
        self.done = True

    def _count(self, response: Json) -> None:
        usage = response.get("usage")
        if isinstance(usage, dict):
            self.report(usage=responses_usage(usage), raw_usage=usage, model=response.get("model"))

    def answer(self) -> Answer:
        calls = Calls()
        parts: list[Part] = []
        for number, item in enumerate(self._output):
            match item.get("type"):
                case "message":
                    parts += self._message(item)
                case "reasoning":
                    parts += _thinking(item)
                case "function_call" if item.get("status") != "incomplete":
                    calls.open(number, item.get("call_id") or item.get("id") or "", item.get("name", ""))
                    calls.add(number, item.get("arguments"))
                case _:
                    pass
        if self._text and not any(isinstance(p, TextPart) for p in parts):
            parts.append(TextPart("".join(self._text)))  # a server that forgets its items
        stop = self._stop
        asked = calls.parts(cut_short=stop != "stop")
        if stop == "stop":
            stop = "refusal" if self._refused else "tool_calls" if asked else "stop"
        return Answer(stop, Content((*parts, *asked), self._opaque(stop)))

    def _message(self, item: Json) -> list[Part]:
        made: list[str] = []
        for content in item.get("content") or ():
            self._refused |= content.get("type") == "refusal"
            made.append(content.get("text") or content.get("refusal") or "")
        text = "".join(made)
        return [TextPart(text)] if text else []

    def _opaque(self, stop: StopReason) -> Opaque | None:
        """The items as they were, if they say more than neutral parts do, and all can be sent back."""
        if stop not in ("stop", "tool_calls"):
            return None
        reasoning = [i for i in self._output if i.get("type") == "reasoning"]
        if any(not i.get("encrypted_content") for i in reasoning):
            return None  # without its content the vendor looks for it on its side, where nothing was stored
        more = any(i.get("type") not in ("message", "function_call") or i.get("phase") for i in self._output)
        return Opaque(self._provider, self._model, dumps(self._output)) if more else None


def _thinking(item: Json) -> list[Part]:
    told: list[Any] = [*(item.get("summary") or ()), *(item.get("content") or ())]
    text = "\n\n".join(t.get("text") or "" for t in told)
    return [ThinkingPart(text)] if text else []


def responses_usage(usage: Json) -> Usage:
    """In the house's classes, which mean the same as this vendor's."""
    return Usage(
        input=count(usage, "input_tokens"),
        cache_read=count(usage, "input_tokens_details", "cached_tokens"),
        cache_write=count(usage, "input_tokens_details", "cache_write_tokens"),
        output=count(usage, "output_tokens"),
        reasoning=count(usage, "output_tokens_details", "reasoning_tokens"),
        source="reported",
    )
