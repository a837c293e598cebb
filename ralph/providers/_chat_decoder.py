"""Decodes an answer of Chat Completions, with tolerance for every imitator that was met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.errors import Kind
from ralph.core.llm.messages import Content
from ralph.core.llm.request import Answer, StopReason
from ralph.providers._chat_calls import ChatCalls
from ralph.providers._chat_usage import chat_cost, chat_usage
from ralph.providers._chat_words import thoughts, words
from ralph.providers._decoder import Json, Said, StreamDecoder
from ralph.providers._error_body import error_in, is_flat_error
from ralph.providers._failures import Peer, build_bare_failure, build_malformed_answer, build_stream_failure
from ralph.providers._figures import Figures
from ralph.providers._stops import CHAT_STOPS, stop_of, stop_word

# Keys of an event that say nothing about the answer.
_HEADS = frozenset(
    ("id", "object", "created", "model", "choices", "usage", "x_groq", "type", "service_tier", "provider")
)


class ChatDecoder(StreamDecoder):
    """Decodes one answer. A finish reason or `[DONE]` completes it; usage may follow in a separate chunk."""

    def __init__(self, who: Peer, *, think_tags: bool = False) -> None:
        super().__init__(who, think_tags=think_tags)
        self._finish = ""
        self._refused = False
        self._calls = ChatCalls()
        self._model: str | None = None
        self._begun = False

    @property
    def complete(self) -> bool:
        return bool(self._finish) or self.done

    def head(self, headers: Mapping[str, str]) -> None:
        super().head(headers)
        if cost := headers.get("x-litellm-response-cost"):
            figures = Figures({"cost": cost})
            self.count(figures, None, None, figures.cost("cost"))

    def mark(self) -> None:
        self.done = True

    def take(self, event: Json) -> None:
        if self._model is None and event.get("model"):
            self._model = str(event["model"])
            self.report(model=self._model)
        choices = _choices(event)
        for choice in choices:
            self._choice(choice)
        self._groq(event.get("x_groq"))
        self._count(event.get("usage") or event.get("usageMetadata"))
        self._fail(event, choices)
        if not self._begun and not choices and not _HEADS & event.keys():
            raise build_malformed_answer(self.who, "one document in place of a stream")
        self._begun = True

    def _choice(self, choice: Json) -> None:
        whole = not choice.get("delta")
        delta = choice.get("delta") or choice.get("message") or {}
        if isinstance(delta, str):
            delta = {"content": delta}
        if not isinstance(delta, Mapping):
            raise TypeError(f"{delta!r} in place of a delta")
        content = delta.get("content")
        if content is None:
            content = choice.get("text")
        for text in thoughts(delta):
            self._speak("thinking", text, whole)
        if content:
            for channel, text in words(content):
                self._speak(channel, text, whole)
        if refusal := delta.get("refusal"):
            self._refused = True
            for _, text in words(refusal):
                self._speak("text", text, whole)
        for fragment in self._calls.take(delta, whole=whole):
            self.add("tool_input", fragment)
        self._end(choice)
        for place in (choice, delta):
            self._count(place.get("usage"))

    def _speak(self, channel: Said, text: str, whole: bool) -> None:
        """Add a fragment. Of a whole message after fragments, add only the part that the fragments lack."""
        if whole and (before := self.join_channel(channel)) and text.startswith(before):
            text = text[len(before) :]
        self.say(channel, text)

    def _end(self, choice: Json) -> None:
        """Take a finish reason. A later reason replaces a plain success; a failure is never replaced."""
        finish = stop_word(choice.get("finish_reason") or choice.get("stop_reason"))
        if finish and (not self._finish or stop_of(self._finish, CHAT_STOPS) == "stop"):
            self._finish = finish

    def _groq(self, groq: Any) -> None:
        if isinstance(groq, Mapping):
            if groq.get("id"):
                self.report(request_id=groq["id"])
            self._count(groq.get("usage"))

    def _count(self, raw: Any) -> None:
        for usage in raw if isinstance(raw, list) else [raw]:
            if isinstance(usage, Mapping) and usage:
                figures = Figures(usage)
                self.count(figures, chat_usage(figures), dict(usage), chat_cost(figures))

    def _fail(self, event: Json, choices: list[Json]) -> None:
        """Raise the failure that the event holds at any place. The text of the event was taken before."""
        deltas = [choice.get(name) for choice in choices for name in ("delta", "message")]
        error = error_in(event, event.get("x_groq"), *choices, *deltas)
        if error is not None:
            raise build_stream_failure(self.who, error)
        if not choices and is_flat_error(event):
            raise build_stream_failure(self.who, event)
        stop = stop_of(self._finish, CHAT_STOPS) if self._finish else "stop"
        if isinstance(stop, Kind):
            raise build_bare_failure(self.who, stop, self._finish)

    def answer(self) -> Answer:
        found = stop_of(self._finish, CHAT_STOPS) if self._finish else "stop"
        stop: StopReason = "unknown" if isinstance(found, Kind) else found
        if self._refused:
            stop = "refusal"
        calls = self._calls.parts(cut_short=stop not in ("stop", "tool_calls"))
        if calls and stop == "stop":
            stop = "tool_calls"  # some servers end a call with `stop`
        return Answer(stop, Content((*self.list_parts(), *calls)), self._finish if stop == "unknown" else "")


def _choices(event: Json) -> list[Json]:
    """Return the well-formed choices of an event. ralph asks for one, so a second choice with text is left out."""
    found = event.get("choices")
    if isinstance(found, Mapping):
        found = [found] if {"delta", "message", "text", "finish_reason"} & found.keys() else list(found.values())
    message = event.get("message")
    if not found and isinstance(message, Mapping) and {"content", "role", "tool_calls"} & message.keys():
        return [{"finish_reason": event.get("finish_reason") or event.get("done_reason"), **event}]
    if not found:
        return []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise TypeError(f"{found!r} in place of choices")
    said = [one for one in found if _says(one)]
    return [one for one in found if not said or one is said[0] or not _says(one)]


def _says(choice: Json) -> bool:
    said = choice.get("delta") or choice.get("message") or choice.get("text")
    return any(value for key, value in said.items() if key != "role") if isinstance(said, Mapping) else bool(said)
