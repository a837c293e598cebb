"""The answer of Ollama's native chat, folded line by line."""

from __future__ import annotations

from ralph.core.messages import Content, Part, TextPart, ThinkingPart
from ralph.core.provider import Answer, StopReason
from ralph.core.usage import Usage
from ralph.providers._calls import Calls
from ralph.providers._failures import Party, reported
from ralph.providers._fold import Fold, Json, count

_COUNTS = (
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
)


class OllamaFold(Fold):
    """Calls come whole, in any line, often without an id. A failure in mid-stream is a line with only `error`."""

    def __init__(self, who: Party) -> None:
        super().__init__(who)
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._calls = Calls()
        self._reason = ""
        self._named = False

    def take(self, event: Json) -> None:
        if event.get("error"):
            raise reported(self.who, event)
        if not self._named and event.get("model"):
            self._named = True
            self.report(model=event["model"])
        message = event.get("message") or {}
        if text := message.get("content"):
            self._text.append(text)
            self.add("text", text)
        if thinking := message.get("thinking"):
            self._thinking.append(thinking)
            self.add("thinking", thinking)
        for call in message.get("tool_calls") or ():
            function = call["function"]
            key = len(self._calls)
            self._calls.open(key, call.get("id") or "", function.get("name") or "")
            self._calls.add(key, function.get("arguments"))
        if event.get("done"):
            self._end(event)

    def _end(self, event: Json) -> None:
        self.done = True
        self._reason = event.get("done_reason") or "stop"
        raw = {name: event[name] for name in _COUNTS if name in event}
        # A count that is left out is unknown, not zero: older servers drop it when the prompt was cached.
        known = "prompt_eval_count" in raw and "eval_count" in raw
        usage = Usage(count(raw, "prompt_eval_count"), output=count(raw, "eval_count"), source="reported")
        if raw:
            self.report(usage=usage if known else None, raw_usage=raw)

    def answer(self) -> Answer:
        calls = self._calls.parts(cut_short=self._reason == "length")
        parts: list[Part] = []
        if self._thinking:
            parts.append(ThinkingPart("".join(self._thinking)))
        if self._text:
            parts.append(TextPart("".join(self._text)))
        stop: StopReason = "length" if self._reason == "length" else "tool_calls" if calls else "stop"
        return Answer(stop, Content((*parts, *calls)))
