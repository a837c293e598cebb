"""Decodes an answer of OpenAI's Responses: new text is shown as it arrives, and the finished items are the answer."""

from __future__ import annotations

from ralph.core.errors import Kind
from ralph.core.llm.messages import Content, Opaque, Part, TextPart, ThinkingPart
from ralph.core.llm.request import Answer, Restart, StopReason
from ralph.core.llm.usage import Usage
from ralph.core.log.codec import dumps
from ralph.providers._calls import Calls
from ralph.providers._decoder import Json, StreamDecoder
from ralph.providers._failures import Peer, build_stream_failure
from ralph.providers._figures import Figures
from ralph.providers._responses_items import OutputItem, OutputItems, Said
from ralph.providers._stops import Stops, stop_of, stop_word
from ralph.providers._texts import as_list, as_object, number_of, text_of
from ralph.providers._unicode import scrub

# `incomplete_details.reason`, and the values of imitators. docs/decisions/001 lists the sources.
RESPONSES_STOPS: Stops = {
    "max_output_tokens": "length",
    "max_tokens": "length",
    "length": "length",
    "max_messages": "length",
    "content_filter": "refusal",
    "steered": "stop",
}
_SUMMARY = ("reasoning_summary_text", "reasoning_summary")
_TEXTS: dict[str, tuple[Said, str, str, str]] = {
    # event: channel, the item's type, the group of its parts, the key of their place
    "output_text": ("text", "message", "content", "content_index"),
    "refusal": ("text", "message", "content", "content_index"),
    "reasoning_text": ("thinking", "reasoning", "content", "content_index"),
    **dict.fromkeys(_SUMMARY, ("thinking", "reasoning", "summary", "summary_index")),
}
_ENDS = ("completed", "incomplete", "failed", "cancelled")
_UNDER_WAY = ("in_progress", "queued")


class ResponsesDecoder(StreamDecoder):
    """Decodes one answer. `failed`, `incomplete` and `error` are normal events on this wire, so nothing raises here."""

    def __init__(self, who: Peer, provider: str, model: str) -> None:
        super().__init__(who)
        self._provider = provider
        self._model = model
        self._output = OutputItems(self.add, self._tell_again)
        self._ended = False
        self._word = ""
        self._named: str | None = None

    @property
    def complete(self) -> bool:
        return self._ended

    def take(self, event: Json) -> None:
        kind = event.get("type")
        name = kind.removeprefix("response.") if isinstance(kind, str) else ""
        what, _, stage = name.rpartition(".")
        if what in _TEXTS:
            self._add_text(what, stage, event)
        elif what == "function_call_arguments":
            self._arguments(stage, event)
        elif what in ("content_part", "reasoning_summary_part"):
            self._part(what, stage, event)
        elif what == "output_item" or (isinstance(event.get("item"), dict) and not name):
            self._item(stage, event)
        elif not name and isinstance(event.get("delta"), str):
            self._add_untyped_delta(event)
        self._count(event)
        document = event.get("object") == "response"
        response = event if document else as_object(event.get("response"))
        if response:
            self._response(response, name, document)
        if kind == "error" or (event.get("error") and not document):
            raise build_stream_failure(self.who, event if event.get("error") else {**event, "type": None})

    def _add_text(self, what: str, stage: str, event: Json) -> None:
        channel, type_, group, key = _TEXTS[what]
        item, place = self._output.find(event, type_), number_of(event.get(key))
        if what == "refusal":
            self._output.refused = True
        if stage == "delta":
            if text := text_of(event.get("delta")):
                self._output.delta(item, channel, group, place, text)
        elif stage == "done":
            self._output.part(item, group, place, event.get("text") or event.get("refusal"), "text")

    def _arguments(self, stage: str, event: Json) -> None:
        item = self._output.find(event, "function_call")
        if stage == "done":
            item.know({k: v for k, v in event.items() if k in ("name", "call_id")})
            if event.get("arguments") not in (None, ""):
                item.wholes.append(event["arguments"])
        elif not item.closed and event.get("delta") not in (None, ""):
            item.fragments.append(event["delta"])
            if isinstance(event["delta"], str):
                self.add("tool_input", event["delta"])

    def _part(self, what: str, stage: str, event: Json) -> None:
        summary = what == "reasoning_summary_part"
        type_ = "reasoning" if summary else ""
        group, key = ("summary", "summary_index") if summary else ("content", "content_index")
        part = event.get("part")
        if as_object(part).get("text") or as_object(part).get("refusal"):
            item = self._output.find(event, type_)
            form = "start" if stage == "added" else "part"
            self._output.part(item, group, number_of(event.get(key)), part, form)

    def _item(self, stage: str, event: Json) -> None:
        data = event.get("item")
        if data and not isinstance(data, dict):
            raise TypeError(f"{str(data)[:80]!r} in place of an item")
        data = as_object(data)
        if stage == "added" or (not stage and data.get("status") == "in_progress"):
            self._output.add(event)
        else:
            self._output.finish(data, number_of(event.get("output_index")), "item")

    def _add_untyped_delta(self, event: Json) -> None:
        """Add a delta without a type. Its channel is that of its item."""
        item = self._output.find(event)
        kind = {"function_call": "function_call_arguments", "reasoning": _SUMMARY[0]}.get(item.type, "output_text")
        if kind == "function_call_arguments":
            self._arguments("delta", event)
        else:
            self._add_text(kind, "delta", event)

    def _response(self, response: Json, name: str, document: bool) -> None:
        model = response.get("model")
        if model and model != self._named:
            self._named = model
            self.report(model=model)
        self._count(response)
        status = str(response.get("status") or "")
        whole = document and status not in _UNDER_WAY
        ended = whole or name in _ENDS or (not name and status in _ENDS)
        if ended or document:
            for place, data in enumerate(as_list(response.get("output"))):
                self._output.finish(as_object(data), place, "response")
            if isinstance(response.get("output_text"), str) and not self._output.all:
                self._output.finish({"type": "message", "content": response["output_text"]}, 0, "response")
        if response.get("error") or "failed" in (name, status):
            raise build_stream_failure(self.who, response.get("error") or "no reason given")
        if "cancelled" in (name, status):
            raise build_stream_failure(self.who, {"message": "the response was cancelled", "type": "server_error"})
        if ended:
            if "incomplete" in (name, status):
                self._word = (
                    stop_word(as_object(response.get("incomplete_details")).get("reason")) or "max_output_tokens"
                )
            self._ended = self.done = True

    def _count(self, holder: Json) -> None:
        usage = holder.get("usage")
        if isinstance(usage, dict) and usage:
            figures = Figures(usage)
            self.count(figures, responses_usage(figures), usage)

    def _tell_again(self) -> None:
        """Show the answer again in order, because the final text differs from the text shown so far."""
        self._flush()
        self._halves.clear()
        self._items.append(Restart())
        for channel, text in self._output.list_texts():
            self.add(channel, text)

    def answer(self) -> Answer:
        meaning = stop_of(self._word, RESPONSES_STOPS) if self._word else "stop"
        if isinstance(meaning, Kind):
            raise build_stream_failure(self.who, {"message": f"it stopped with {self._word!r}"})
        calls = Calls()
        for number, item in enumerate(self._output.calls()):
            if as_object(item.final).get("status") != "incomplete":
                calls.open(number, item.call_id or (item.id if item.name else ""), item.name)
                for fragment in item.arguments:
                    calls.add(number, fragment)
        asked = calls.parts(cut_short=meaning != "stop")
        stop: StopReason = meaning
        if meaning == "stop":
            stop = "refusal" if self._output.refused else "tool_calls" if asked else "stop"
        said = [part for item in self._output.sort() for part in _parts(item)]
        word = self._word if stop == "unknown" else ""
        return Answer(stop, Content((*said, *asked), self._opaque(stop)), word)

    def _opaque(self, stop: StopReason) -> Opaque | None:
        """Return the items unchanged, if they hold more than neutral parts do and all of them can be sent back."""
        items = self._output.sort()
        output = [i.final for i in items if i.final]
        if stop not in ("stop", "tool_calls") or len(output) < len(items) or any(i.differs for i in items):
            return None
        if any(i.get("type") == "reasoning" and not i.get("encrypted_content") for i in output):
            return None  # without its content the vendor looks the item up on its side, where nothing is stored
        more = any(i.get("type") not in ("message", "function_call") or i.get("phase") for i in output)
        return Opaque(self._provider, self._model, dumps(scrub(output))) if more else None


def _parts(item: OutputItem) -> list[Part]:
    texts = [s.text for s in item.segments if s.channel == "text"]
    thinking = [s.text for s in item.segments if s.channel == "thinking"]
    made: list[Part] = [ThinkingPart("\n\n".join(thinking))] if any(thinking) else []
    return [*made, TextPart("".join(texts))] if any(texts) else made


def responses_usage(figures: Figures) -> Usage | None:
    """Return the usage in ralph's token classes, which equal this vendor's."""
    return figures.usage(
        figures.count("input", "input_tokens", "prompt_tokens"),
        figures.count("output", "output_tokens", "completion_tokens"),
        cached=figures.count("cache_read", ("input_tokens_details", "cached_tokens")),
        written=figures.count("cache_write", ("input_tokens_details", "cache_write_tokens")),
        reasoning=figures.count("reasoning", ("output_tokens_details", "reasoning_tokens")),
    )
