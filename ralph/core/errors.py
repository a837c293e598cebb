"""The one error tree: every failure has a kind, a sentence that a person can act on, and an exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Self

from ralph.core.data import Data, frozen
from ralph.core.masking import shapes
from ralph.core.sanitise import line


class Kind(StrEnum):
    """The kinds of failures, divided by what the caller can do about them."""

    # the person's set-up
    USAGE = "usage"
    CONFIG = "config"
    NO_KEY = "no_key"
    AUTH = "auth"
    UNKNOWN_MODEL = "unknown_model"
    RETIRED_MODEL = "retired_model"
    NO_MODEL = "no_model"
    OFFLINE = "offline"
    # the provider or the way to it
    SERVER = "server"
    OVERLOADED = "overloaded"
    NETWORK = "network"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    PROTOCOL = "protocol"
    BAD_REQUEST = "bad_request"
    EMPTY = "empty_answer"
    UNKNOWN_STOP = "unknown_stop"
    # quotas and money
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    BILLING = "billing"
    BUDGET = "budget"
    # the answer itself
    REFUSAL = "refusal"
    APPROVAL = "approval"
    CONTEXT_LENGTH = "context_length"
    OUTPUT_LIMIT = "output_limit"
    # ends without a fault
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    DEADLINE = "deadline"
    # the rest
    NOT_FOUND = "not_found"
    BUSY = "busy"
    IO = "io"
    STORE = "store"
    INTERNAL = "internal"


EXIT_CODES: dict[Kind, int] = {
    Kind.USAGE: 2,
    Kind.CONFIG: 3,
    Kind.NO_KEY: 3,
    Kind.AUTH: 3,
    Kind.UNKNOWN_MODEL: 3,
    Kind.RETIRED_MODEL: 3,
    Kind.NO_MODEL: 3,
    Kind.OFFLINE: 3,
    Kind.SERVER: 4,
    Kind.OVERLOADED: 4,
    Kind.NETWORK: 4,
    Kind.TIMEOUT: 4,
    Kind.TRUNCATED: 4,
    Kind.PROTOCOL: 4,
    Kind.BAD_REQUEST: 4,
    Kind.EMPTY: 4,
    Kind.UNKNOWN_STOP: 4,
    Kind.RATE_LIMIT: 5,
    Kind.QUOTA: 5,
    Kind.BILLING: 5,
    Kind.BUDGET: 6,
    Kind.REFUSAL: 7,
    Kind.APPROVAL: 7,
    Kind.CONTEXT_LENGTH: 8,
    Kind.OUTPUT_LIMIT: 9,
    Kind.NOT_FOUND: 10,
    Kind.DEADLINE: 124,
    Kind.CANCELLED: 130,
}
PARTIAL_EXIT = 9
OTHER_EXIT = 1


def exit_code(kind: Kind, partial: bool = False) -> int:
    """Return the process exit code; `partial`: text of the answer arrived before a failure of codes 4 or 5."""
    code = EXIT_CODES.get(kind, OTHER_EXIT)
    return PARTIAL_EXIT if partial and code in (4, 5) else code


@frozen
class ErrorInfo(Data):
    """A failure as events record it."""

    kind: Kind
    message: str


class Failure(Exception):
    """A failure with a kind; `message` is one sentence that says what happened and what to do.

    The message may quote a setting, a flag, a file or a server. So it is cleaned here, for every screen, log and event:
    terminal control sequences and texts in the shape of a key are removed, and it becomes one line. `more` are further
    lines below it, for example the command to type.

    Attributes that the gateway reads, each with one default:
    `rejected`: the request was refused or never sent, so nothing was billed.
    `retry_after_s`: how many seconds the provider asks to wait, if it said so.
    `request_id`: the provider's own id of the request.
    `adapted`: the adapter now leaves out the refused part, so the next try may succeed.
    `lasting`: the same try would fail again in the same way.
    """

    rejected: bool = False
    retry_after_s: float | None = None
    request_id: str | None = None
    adapted: bool = False
    lasting: bool = False

    def __init__(self, kind: Kind, message: str, more: Sequence[str] = ()) -> None:
        message = _clean_lines((message, *more))
        super().__init__(message)
        self.kind = kind
        self.message = message

    def reword(self, message: str) -> Self:
        """Return the same failure with another sentence; this one stays unchanged."""
        message = _clean_lines(message.split("\n"))
        other = type(self).__new__(type(self), message)
        other.__dict__.update(self.__dict__, message=message)
        return other.with_traceback(self.__traceback__)

    @property
    def exit_code(self) -> int:
        """Return the exit code of a process that ends by this failure."""
        return exit_code(self.kind)

    @property
    def info(self) -> ErrorInfo:
        return ErrorInfo(self.kind, self.message)


def _clean_lines(lines: Iterable[str]) -> str:
    return "\n".join(shapes(line(one)) for one in lines)


class Stopped(Failure):
    """A signal or `--timeout` ended the process before a turn began; `code` is its exit code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(Kind.DEADLINE if code == EXIT_CODES[Kind.DEADLINE] else Kind.CANCELLED, message)
        self._code = code

    @property
    def exit_code(self) -> int:
        return self._code


class NotSent(Failure):
    """Nothing was sent: there is a note and no attempt, and the same try would fail again in the same way."""

    rejected = True


class ProviderFailure(Failure):
    """A provider's failure, translated in that provider's file."""

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        rejected: bool = False,
        retry_after_s: float | None = None,
        request_id: str | None = None,
        more: Sequence[str] = (),
    ) -> None:
        super().__init__(kind, message, more)
        self.rejected = rejected
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class ConfigFailure(Failure):
    """A mistake in a setting; the message names file, line, key, the found value and the nearest valid key."""

    def __init__(self, message: str) -> None:
        super().__init__(Kind.CONFIG, message)


class NotFound(Failure):
    """A timeline, turn, model or file that does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__(Kind.NOT_FOUND, message)


class OpenElsewhere(Failure):
    """Another process has this timeline open for writing."""

    def __init__(self, timeline: str) -> None:
        how = f"close it there, or `ralph fork {timeline}`"
        super().__init__(Kind.BUSY, f"timeline {timeline} is open in another window; {how}")
        self.timeline = timeline


class StoreFailure(Failure):
    """The database could not be read or written. Retries make sense for `worth_s` seconds, because the cause may pass.

    An attempt that cannot be stored is never sent, so nothing is billed.
    """

    rejected = True

    def __init__(self, message: str, *, worth_s: float = 0.0) -> None:
        super().__init__(Kind.STORE, message)
        self.worth_s = worth_s


# The least similarity: of ten letters seven must be equal, in their order. A weaker guess helps nobody.
ALIKE = 0.7
# The fewest letters that count as the beginning of a name.
BEGINNING = 3


def nearest(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the known words that `word` probably means, best first, for "did you mean"; empty if none is similar.

    A similar word begins with `word`, or differs from it in few letters for its length.
    """
    import difflib

    known = list(known)
    begun = [one for one in known if len(word) >= BEGINNING and one.startswith(word)]
    close = difflib.get_close_matches(word, known, n=count, cutoff=ALIKE)
    return list(dict.fromkeys((*(one for one in close if one in begun), *sorted(begun, key=len), *close)))[:count]


def did_you_mean(word: str, known: Iterable[str], mark: str = "{}") -> str:
    """Return `; did you mean day?` for the end of a sentence; empty if no known word is similar.

    `mark` is the form of a suggestion: `/{}` for a command.
    """
    close = nearest(word, known, 1)
    return f"; did you mean {mark.format(close[0])}?" if close else ""
