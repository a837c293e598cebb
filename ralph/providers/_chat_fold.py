"""The answer of Chat Completions, folded; tolerant of every imitator that was met."""

from __future__ import annotations

from typing import Any, Literal

from ralph.core.messages import Content, Part, TextPart, ThinkingPart
from ralph.core.provider import Answer, StopReason
from ralph.core.usage import Usage
from ralph.providers._failures import Party, reported
from ralph.providers._fold import Calls, Fold, Json, count

_STOPS: dict[str, StopReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "refusal",
}


class ChatFold(Fold):
    """Complete with a finish reason or `[DONE]`, whichever comes; usage may follow in a chunk of its own."""

    def __init__(self, who: Party) -> None:
        super().__init__(who)
        self._finish = ""
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._refused = False
        self._calls = Calls(who)
        self._key: Any = None
        self._model: str | None = None

    @property
    def complete(self) -> bool:
        return bool(self._finish) or self.done

    def take(self, event: Json) -> None:
        if self._model is None and event.get("model"):
            self._model = event["model"]
            self.report(model=self._model)
        choices = event.get("choices")
        if choices:
            self._choice(choices[0])
        elif event.get("error") or ("choices" not in event and (event.get("message") or event.get("detail"))):
            raise reported(self.who, event)
        usage = event.get("usage")
        if usage or "x_groq" in event:
            self._groq_and_usage(event, usage)

    def _choice(self, choice: Json) -> None:
        delta = choice.get("delta") or choice.get("message") or {}
        text = delta.get("content")
        if type(text) is str and text:
            self.add("text", text)
            self._text.append(text)
        else:
            self._rare(delta)
        finish = choice.get("finish_reason")
        if finish:
            self._finish = finish

    def _rare(self, delta: Json) -> None:
        for part in delta.get("content") or ():  # Mistral sends thinking as a list of parts
            inner = [part] if part.get("type") == "text" else part.get("thinking") or ()
            self._said("text" if part.get("type") == "text" else "thinking", "".join(p.get("text", "") for p in inner))
        thinking = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thinking, str) and thinking:
            self._said("thinking", thinking)
        if delta.get("refusal"):
            self._refused = True
            self._said("text", delta["refusal"])
        for place, call in enumerate(delta.get("tool_calls") or ()):
            self._call(place, call)

    def _said(self, channel: Literal["text", "thinking"], text: str) -> None:
        self.add(channel, text)
        (self._text if channel == "text" else self._thinking).append(text)

    def _call(self, place: int, call: Json) -> None:
        """A fragment belongs to its index; where a server gives none, a new id begins a new call."""
        function = call.get("function") or {}
        id_, name = call.get("id") or "", function.get("name") or ""
        key = call.get("index")
        if key is None:
            key = id_ or (f"#{len(self._calls)}.{place}" if name or self._key is None else self._key)
        self._key = key
        if id_ or name or key not in self._calls:
            self._calls.open(key, id_, name)
        arguments = function.get("arguments")
        if arguments:
            self._calls.add(key, arguments)
            if isinstance(arguments, str):
                self.add("tool_input", arguments)

    def _groq_and_usage(self, event: Json, usage: Any) -> None:
        groq = event.get("x_groq")
        if isinstance(groq, dict):
            if groq.get("error"):  # Groq stops with status 200 and this
                raise reported(self.who, groq["error"])
            usage = usage or groq.get("usage")
            if groq.get("id"):
                self.report(request_id=groq["id"])
        if isinstance(usage, dict):
            self.report(usage=chat_usage(usage), raw_usage=usage)

    def answer(self) -> Answer:
        stop = _STOPS.get(self._finish, "stop")
        if self._refused:
            stop = "refusal"
        calls = self._calls.parts(cut_short=stop in ("length", "refusal"))
        if calls and stop == "stop":
            stop = "tool_calls"  # some servers end a call with `stop`
        parts: list[Part] = []
        if self._thinking:
            parts.append(ThinkingPart("".join(self._thinking)))
        if self._text:
            parts.append(TextPart("".join(self._text)))
        return Answer(stop, Content((*parts, *calls)))


def chat_usage(usage: Json) -> Usage:
    """In the house's classes: theirs include cached tokens too, and (but for some) reasoning."""
    read, out = count(usage, "prompt_tokens"), count(usage, "completion_tokens")
    reasoning = count(usage, "completion_tokens_details", "reasoning_tokens")
    if reasoning and count(usage, "total_tokens") == read + out + reasoning:
        out += reasoning  # xAI counts reasoning beside the completion
    cached = count(usage, "prompt_tokens_details", "cached_tokens") or count(usage, "prompt_cache_hit_tokens")
    written = count(usage, "prompt_tokens_details", "cache_write_tokens")
    return Usage(read, cached, written, out, reasoning, "reported")
