"""Decodes an answer of Ollama's native chat, line by line."""

from __future__ import annotations

from typing import Any

from ralph.core.errors import Kind, ProviderFailure
from ralph.core.llm.messages import Content
from ralph.core.llm.request import Answer, StopReason
from ralph.core.llm.usage import Usage
from ralph.providers._calls import Calls
from ralph.providers._decoder import Json, StreamDecoder
from ralph.providers._failures import Peer, build_stream_failure
from ralph.providers._figures import Figures
from ralph.providers._stops import Stops, stop_of, stop_word
from ralph.providers._texts import as_list, as_object, number_of, text_of

# `done_reason`; docs/decisions/001 lists the sources. `load` and `unload` end a response without an answer.
OLLAMA_STOPS: Stops = {
    "stop": "stop",
    "load": "stop",
    "unload": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "refusal",
}
NO_ANSWER = ("load", "unload")
_COUNTS = ("prompt_eval_count", "eval_count")
_TIMES = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")


class OllamaDecoder(StreamDecoder):
    """Decodes one answer. Calls arrive whole, in any line, often without an id. A late failure is an `error` line."""

    def __init__(self, who: Peer, *, think_tags: bool = False) -> None:
        super().__init__(who, think_tags=think_tags)
        self._calls = Calls()
        self._indexes: list[int | None] = []
        self._word = ""
        self._finished = False
        self._named: Any = None

    @property
    def complete(self) -> bool:
        return self._finished or bool(self._word)

    @property
    def only_loaded(self) -> bool:
        """Return whether the server loaded (or unloaded) the model and generated nothing."""
        nothing = not self._calls and not self._said["text"] and not self._said["thinking"]
        return self._word in NO_ANSWER and nothing

    def take(self, event: Json) -> None:
        if (model := event.get("model")) and model != self._named:
            self._named = model
            self.report(model=model)
        message = event.get("message")
        if isinstance(message, dict):
            for channel, key in (("thinking", "thinking"), ("thinking", "reasoning"), ("text", "content")):
                if text := text_of(message.get(key)):
                    self.say(channel, text)  # type: ignore[arg-type]
            for call in as_list(message.get("tool_calls")):
                self._call(as_object(call))
        elif text := text_of(message):
            self.say("text", text)
        if isinstance(event.get("response"), str) and event["response"]:  # from a gateway to `/api/generate`
            self.say("text", event["response"])
        self._count(event)
        if event.get("error"):
            raise build_stream_failure(self.who, event)
        self._word = stop_word(event.get("done_reason")) or self._word
        if str(event.get("done")).lower() in ("true", "1"):
            self._finished = True
            # A server with counts sends them at the end. Other servers say more than once that they are done.
            self.done = any(name in event for name in (*_COUNTS, *_TIMES))

    def _call(self, call: Json) -> None:
        function = as_object(call.get("function")) or call
        id_, name = _word(call.get("id")), _word(function.get("name"))
        arguments = function.get("arguments", function.get("parameters"))
        index = number_of(function.get("index", call.get("index")))
        if not id_ and not name and arguments in (None, "", {}, []):
            return
        key = self._same(id_, name, index, arguments)
        if key is None:
            key = len(self._indexes)
            self._indexes.append(index)
        elif self._calls.whole(key) and name:
            return  # the same call, repeated
        self._calls.open(key, id_, name)
        if arguments is not None:
            self._calls.add(key, arguments)
        if isinstance(arguments, str) and arguments:
            self.add("tool_input", arguments)

    def _same(self, id_: str, name: str, index: int | None, arguments: Any) -> int | None:
        """Return the key of the call that this one repeats or continues: by its id, else by index or order."""
        for key, at in enumerate(self._indexes):
            if id_ and self._calls.id(key) == id_:
                return key if not name or self._calls.name(key) == name else None
            if not name and index is not None and at == index and not self._calls.whole(key):
                return key
        last = len(self._indexes) - 1
        waits = last >= 0 and not id_ and not name and index is None and not self._calls.whole(last)
        return last if waits and isinstance(arguments, str) else None

    def _count(self, event: Json) -> None:
        raw = {name: event[name] for name in (*_COUNTS, *_TIMES) if event.get(name) is not None}
        if not raw:
            return
        # A missing count is unknown, not zero: older servers omit the count when the prompt was cached.
        figures = Figures(raw)
        self.count(figures, ollama_usage(figures), raw)

    def answer(self) -> Answer:
        meaning = stop_of(self._word, OLLAMA_STOPS) if self._word else "stop"
        if isinstance(meaning, Kind):
            raise build_stream_failure(self.who, {"message": f"it stopped with {self._word!r}"})
        if self.only_loaded:
            raise self._build_reload_failure()
        calls = self._calls.parts(cut_short=meaning in ("length", "refusal"))
        stop: StopReason = "tool_calls" if calls and meaning == "stop" else meaning
        return Answer(stop, Content((*self.list_parts(), *calls)), self._word if stop == "unknown" else "")

    def _build_reload_failure(self) -> ProviderFailure:
        """Return the failure for a mere load. Nothing was generated, so a second attempt cannot duplicate text."""
        words = f"loaded the model and answered nothing (done_reason: {self._word}); ask again in a moment"
        failure = ProviderFailure(Kind.EMPTY, self.who.say(words), rejected=True)
        failure.adapted = True
        return failure


def ollama_usage(figures: Figures) -> Usage | None:
    """Return the usage in ralph's token classes. This wire reports no cache and no reasoning."""
    return figures.usage(figures.count("input", "prompt_eval_count"), figures.count("output", "eval_count"))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
