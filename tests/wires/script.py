"""What the loopback server answers: replies with their timing and their faults, in the order they are used up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

FAULTS = (
    "cut",  # the connection breaks in mid-body
    "cut_clean",  # the body ends cleanly, without the wire's terminal event
    "error_event",  # the wire's own way to say in mid-stream that something went wrong
    "bad_json",
    "bad_utf8",
    "stall",  # silence after `after` pieces, until the client leaves
    "stall_headers",  # silence before the status line, until the client leaves
    "empty_body",
    "html",  # a login page with status 200
    "reset",  # the connection breaks before the status line
)


@dataclass(frozen=True)
class Reply:
    """One answer. All of it may come from JSON.

    `delay` is the time to the first piece, `pace` the time between pieces (seconds). `fault` strikes after `after`
    pieces of text. `usage` is in the house's own classes (input includes what was cached) and is put into each
    wire's form; an empty one is not sent. `stop` is the house's stop reason; None: by what the answer holds. `when`
    picks the requests that it is for: `path` and `body` must occur, `without` must not. `times` is how often it
    may be used; None is without end. `events` are the wire's own, as they stand (a text is data that is no JSON), in
    place of those that the other fields make; `lies` are ways in which servers send them otherwise (`lies.LIES`).
    """

    text: tuple[str, ...] = ()
    thinking: tuple[str, ...] = ()
    signature: str = ""
    redacted: str = ""
    calls: tuple[Mapping[str, Any], ...] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    stop: str | None = None
    model: str = ""
    delay: float = 0.0
    pace: float = 0.0
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    events: tuple[Any, ...] = ()
    lies: tuple[str, ...] = ()
    error: Mapping[str, Any] = field(default_factory=dict)
    fault: str | None = None
    after: int = 0
    writes: str = "frame"  # frame | byte | all
    framing: str = "chunked"  # chunked | close
    crlf: bool = False
    comments: bool = False
    done_mark: bool = True  # chat: send [DONE]
    usage_place: str = "end"  # chat: end | last | every | groq
    when: Mapping[str, str] = field(default_factory=dict)
    times: int | None = 1

    def __post_init__(self) -> None:
        if self.fault is not None and self.fault not in FAULTS:
            raise ValueError(f"unknown fault {self.fault!r}: one of {', '.join(FAULTS)}")
        for name in ("text", "thinking"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        for name in ("calls", "events", "lies"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def wants(self, path: str, body: str) -> bool:
        """This reply is meant for such a request."""
        when = self.when
        return (
            when.get("path", "") in path
            and when.get("body", "") in body
            and not ("without" in when and when["without"] in body)
        )

    @property
    def reason(self) -> str:
        return self.stop or ("tool_calls" if self.calls else "stop")


def reply_of(data: Mapping[str, Any]) -> Reply:
    """A reply from JSON; an unknown key is a mistake in the script."""
    known = {f.name for f in fields(Reply)}
    if unknown := set(data) - known:
        raise ValueError(f"unknown keys in a reply: {', '.join(sorted(unknown))}")
    return Reply(**data)


class Script:
    """Replies, used up in order by the requests they are for."""

    def __init__(self, replies: Iterable[Reply] = ()) -> None:
        self._left: list[tuple[Reply, int | None]] = [(r, r.times) for r in replies]

    def add(self, *replies: Reply) -> None:
        self._left += [(r, r.times) for r in replies]

    def clear(self) -> None:
        self._left.clear()

    def take(self, path: str, body: str, *, only_named: bool = False) -> Reply | None:
        """The first reply left for this request; `only_named` asks for those that name a path."""
        for place, (reply, times) in enumerate(self._left):
            if reply.wants(path, body) and ("path" in reply.when or not only_named):
                if times is not None:
                    if times <= 1:
                        del self._left[place]
                    else:
                        self._left[place] = (reply, times - 1)
                return reply
        return None
