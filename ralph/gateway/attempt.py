"""One attempt: recorded before its request is sent, measured while it streams, finished exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType

from ralph import counting, pricing
from ralph.core.errors import ErrorInfo, Failure, Kind, ProviderFailure
from ralph.core.formatting import join_words
from ralph.core.llm.empty_answer import empty_answer
from ralph.core.llm.messages import Message, TextPart
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.refs import ModelRef
from ralph.core.llm.request import Answer, Item, Piece, Report, Restart
from ralph.core.llm.usage import Usage
from ralph.core.log import events as ev
from ralph.core.log.recording import ModelCall

CANCELLED = ErrorInfo(Kind.CANCELLED, "stopped before it was done")

# Finish reasons that make an attempt fail: the answer of the provider arrived, but it is not `ok`.
_ENDS: Mapping[str, tuple[Kind, str]] = {
    "refusal": (Kind.REFUSAL, "{ref} refused to answer this; rephrase it, or ask another model with -m or /model"),
    "length": (Kind.OUTPUT_LIMIT, "{ref} stopped at its output limit; what came is kept, ask it to continue"),
    "unknown": (
        Kind.UNKNOWN_STOP,
        "{ref} ended its answer with {word!r}, a reason unknown to ralph; what came is kept, ask it to continue",
    ),
    "context": (Kind.CONTEXT_LENGTH, "this conversation no longer fits {ref}; start a new one, or use a larger model"),
}


class OpenAttempt:
    """One attempt, as a context manager: `__enter__` emits the start, and `__exit__` emits the finish on every path."""

    def __init__(self, call: ModelCall) -> None:
        self.ref, self.request, self.scope, self._recorder = call
        self.id = self.scope.next_attempt()
        self.input_tokens = counting.estimate_request(self.request)
        self._price: Callable[[], PriceRow | None] = lambda: None
        self._known: PriceRow | None = None
        self._reserved: int | None = None
        self._waited: dict[str, float] = {}
        self._began = 0.0
        self._reached: float | None = None
        self._ttft: float | None = None
        self._report = Report()
        self._text: list[str] = []
        self._said = self._reasoned = False  # text of the answer arrived, or of its thinking
        self._answer: Answer | None = None
        self._took: float | None = None

    def set_price(self, price: Callable[[], PriceRow | None], reserved: int | None) -> OpenAttempt:
        """Set the price, whose lookup may still run. Under a cap it is known, and `reserved` nano-dollars are held."""
        self._price, self._reserved = price, reserved
        self._known = price() if reserved is not None else None
        return self

    def __enter__(self) -> OpenAttempt:
        self._began = self._recorder.measure_ms()
        self._waited = dict(self.scope.waited)
        self.scope.waited.clear()
        estimated = Usage(input=self.input_tokens, source="estimated")
        self._recorder.emit(
            ev.AttemptStarted(
                self.id, self.scope.block, str(self.ref), self.request.role, estimated, self._known, self._reserved
            )
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, asyncio.CancelledError | GeneratorExit) and self._reached is None:
            error = self.scope.refusal or error
        outcome, info = _outcome(error)
        if outcome == "cancelled" and self.scope.discarding:
            outcome, info = "discarded", None
        usage, doubtful = self._usage(error)
        if doubtful:
            self._recorder.emit(_doubt(self.ref, doubtful, self.scope.block))
        row = self._price()
        duration = self._measure_ms() if self._took is None else self._took
        report, answer = self._report, self._answer
        finish = ev.AttemptFinished(
            self.id,
            outcome,
            speculated=self.request.speculative,
            provider=report.provider or self.ref.provider,
            model=report.model or self.ref.model,
            request_id=report.request_id or (error.request_id if isinstance(error, Failure) else None),
            error=info,
            usage=usage,
            raw_usage=report.raw_usage,
            cost=pricing.settle_cost(row, usage, report.cost),
            price=row,
            stop_reason=answer.stop_reason if answer else None,
            ttft_ms=self._ttft,
            duration_ms=duration,
            phases=self._phases(duration),
            message=answer.content if answer else None,
        )
        self._recorder.emit(finish)
        self.scope.add_attempt(finish)

    def over(self) -> None:
        """Note the end of the request; the remaining work of recording is not part of its time."""
        self._took = self._measure_ms()

    def saw(self, item: Item) -> None:
        """Note an item that arrived. Raises `ProviderFailure` for an answer that is a failure."""
        if isinstance(item, Piece):
            if self._ttft is None:
                self._ttft = self._measure_ms()
            self._text.append(item.text)
            self._said = self._said or (item.channel == "text" and bool(item.text.strip()))
            self._reasoned = self._reasoned or item.channel == "thinking"
        elif isinstance(item, Report):
            if self._reached is None:
                self._reached = self._measure_ms()
            self._report = self._report._replace(**{k: v for k, v in item._asdict().items() if v is not None})
        elif isinstance(item, Restart):
            self._text.clear()
            self._said = self._reasoned = False
        elif isinstance(item, Answer):
            self._answer = item
            if item.stop_reason in _ENDS:
                failed, sentence = _ENDS[item.stop_reason]
                raise ProviderFailure(failed, sentence.format(ref=self.ref, word=item.word))
            if self._is_empty(item):
                raise ProviderFailure(Kind.EMPTY, empty_answer(self.ref, reasoned=self._reasoned))

    def _is_empty(self, answer: Answer) -> bool:
        """Return whether a requested decision or answer is empty. A tool step may have nothing to say."""
        if self.request.role == "tool" or self.request.goes_on or answer.stop_reason == "pause" or self._said:
            return False
        return not any(isinstance(part, TextPart) and part.text.strip() for part in answer.content.parts)

    @property
    def reported(self) -> Usage | None:
        """Return the usage that the provider has reported so far."""
        return self._report.usage

    def _usage(self, error: BaseException | None) -> tuple[Usage, Mapping[str, str]]:
        """Return the reported tokens, and the figures of the report that were not believed.

        Figures that were not believed are estimated; so are the others if the stream ended before a complete report.
        """
        reported = self._report.usage
        if self._answer is not None and reported is not None:
            return self._check_report(reported)
        doubtful = _drop_left_out(self._report.doubtful)
        if isinstance(error, Failure) and error.rejected and not self._text:
            return Usage(), doubtful
        known = reported or Usage()
        return replace(
            known, input=known.input or self.input_tokens, output=max(known.output, self._came()), source="estimated"
        ), doubtful

    def _check_report(self, reported: Usage) -> tuple[Usage, Mapping[str, str]]:
        """Check a complete report. Zero is no valid count for a request, nor for an answer with content."""
        doubtful = dict(self._report.doubtful or {})
        came = self._came()
        if not reported.input:
            doubtful.setdefault("input", "0")
        if not reported.output and came:
            doubtful.setdefault("output", "0")
        if not set(doubtful) - {"cost"}:
            return reported, _drop_left_out(doubtful)
        usage = replace(
            reported,
            input=reported.input or self.input_tokens,
            output=reported.output or came,
            source="estimated",
        )
        return usage, _drop_left_out(doubtful)

    def _came(self) -> int:
        """Return the estimated tokens of the items that arrived, including calls that were not streamed."""
        if self._text or self._answer is None or not self._answer.content.parts:
            return counting.estimate("".join(self._text))
        return counting.estimate_messages([Message("assistant", self._answer.content.parts)])

    def _measure_ms(self) -> float:
        return round(self._recorder.measure_ms() - self._began, 3)

    def _phases(self, duration: float) -> dict[str, float]:
        """Return the milliseconds of each phase, in order; the phases of the attempt itself add up to its duration.

        First the waits before the start (`limited`, `retry`, `loading`: the client's import), then the time until the
        provider responds (`connect`), until the first token, and until the end.
        """
        ends = {"connect": self._reached, "first_token": self._ttft if self._ttft is not None else duration}
        phases, before = dict(self._waited), 0.0
        for name, end in (*ends.items(), ("decode", duration if self._ttft is not None else None)):
            if end is not None:
                phases[name], before = round(max(0.0, end - before), 3), max(end, before)
        if self.request.speculative and self.scope.held_ms is not None:
            # `held_ms` counts from the start of the block; the client was imported first.
            phases["held"] = round(max(0.0, self.scope.held_ms - self._waited.get("loading", 0.0)), 3)
        return phases


def _drop_left_out(doubtful: Mapping[str, str] | None) -> dict[str, str]:
    """Remove the classes that the server omitted: they are missing, not wrong."""
    return {class_: said for class_, said in (doubtful or {}).items() if said}


def _doubt(ref: ModelRef, doubtful: Mapping[str, str], block: str) -> ev.Note:
    said = join_words([f"{class_.replace('_', ' ')} {raw}" for class_, raw in doubtful.items()])
    used = "the cost is computed" if set(doubtful) == {"cost"} else "the estimate is used"
    return ev.Note("usage.doubtful", f"{ref} reported impossible figures ({said}); {used}", block, dict(doubtful))


def _outcome(error: BaseException | None) -> tuple[ev.Outcome, ErrorInfo | None]:
    if error is None:
        return "ok", None
    if isinstance(error, Failure):
        return "failed", error.info
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "cancelled", CANCELLED
    return "failed", _lie(error).info


def _lie(error: BaseException) -> ProviderFailure:
    return ProviderFailure(Kind.PROTOCOL, f"the provider sent data that its adapter could not read: {error!r}")


def translate_error(error: Exception) -> Failure:
    """Return a failure for an exception that the adapter did not translate."""
    return error if isinstance(error, Failure) else _lie(error)
