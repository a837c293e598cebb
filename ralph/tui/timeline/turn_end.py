"""The short reason why a turn failed, and the next steps. The step has the full sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ralph.core.data import Data, frozen
from ralph.core.errors import Kind
from ralph.core.llm.usage import Cost, dollars
from ralph.core.timeline.timeline import failure_of
from ralph.core.timeline.turns import Turn
from ralph.tui.brush import Brush

WHY: Mapping[Kind, str] = {
    Kind.USAGE: "the request is not valid",
    Kind.CONFIG: "a setting is wrong",
    Kind.NO_KEY: "no key is set",
    Kind.AUTH: "the key was rejected",
    Kind.UNKNOWN_MODEL: "the provider does not know the model",
    Kind.RETIRED_MODEL: "the model is retired",
    Kind.NO_MODEL: "this needs a model, and none is connected",
    Kind.OFFLINE: "--offline allows no network",
    Kind.SERVER: "the server failed",
    Kind.OVERLOADED: "the server is overloaded",
    Kind.NETWORK: "the connection to the server failed",
    Kind.TIMEOUT: "the server was silent for too long",
    Kind.TRUNCATED: "the connection ended before the answer did",
    Kind.PROTOCOL: "the server sent what ralph cannot read",
    Kind.BAD_REQUEST: "the server refused the request",
    Kind.EMPTY: "the answer was empty",
    Kind.UNKNOWN_STOP: "the answer ended for an unknown reason",
    Kind.RATE_LIMIT: "the rate limit is reached",
    Kind.QUOTA: "the quota is used up",
    Kind.BILLING: "the provider wants a payment",
    Kind.BUDGET: "stopped by the budget",
    Kind.REFUSAL: "the model refused to answer",
    Kind.APPROVAL: "a tool was not allowed",
    Kind.CONTEXT_LENGTH: "the conversation is too long for the model",
    Kind.OUTPUT_LIMIT: "cut off at the output limit",
    Kind.CANCELLED: "stopped before the end",
    Kind.INTERRUPTED: "ralph was killed",
    Kind.DEADLINE: "stopped by --timeout",
    Kind.NOT_FOUND: "something was not found",
    Kind.BUSY: "something else is running",
    Kind.IO: "a file could not be read or written",
    Kind.STORE: "the database could not be written",
    Kind.INTERNAL: "ralph hit a bug",
}
# The same try would fail again in the same way.
IN_VAIN = frozenset((
    Kind.USAGE, Kind.CONFIG, Kind.NO_KEY, Kind.AUTH, Kind.UNKNOWN_MODEL, Kind.RETIRED_MODEL, Kind.NO_MODEL,
    Kind.OFFLINE, Kind.CONTEXT_LENGTH, Kind.STORE,
))  # fmt: skip
# Another provider may answer.
ELSEWHERE = frozenset((
    Kind.NO_KEY, Kind.AUTH, Kind.UNKNOWN_MODEL, Kind.RETIRED_MODEL, Kind.NO_MODEL, Kind.SERVER, Kind.OVERLOADED,
    Kind.NETWORK, Kind.TIMEOUT, Kind.TRUNCATED, Kind.PROTOCOL, Kind.BAD_REQUEST, Kind.EMPTY, Kind.UNKNOWN_STOP,
    Kind.RATE_LIMIT, Kind.QUOTA, Kind.BILLING, Kind.REFUSAL, Kind.CONTEXT_LENGTH,
))  # fmt: skip
CONNECT = frozenset((Kind.NO_KEY, Kind.AUTH, Kind.NO_MODEL))
CHOOSE = frozenset((Kind.UNKNOWN_MODEL, Kind.RETIRED_MODEL))


@frozen
class NextStep(Data):
    """A step that a person can take after a failure.

    `keys` are pressed one after the other: each is the id of an action and its usual key. `text` says what the keys do,
    or is a command to type.
    """

    text: str
    keys: tuple[tuple[str, str], ...] = ()

    def words(self, brush: Brush) -> str:
        """Return the step in words, with the mapped keys."""
        return " ".join([*(brush.key(action, usual) for action, usual in self.keys), self.text])


_BLOCKS = ("block.enter", "Alt+Up")
AGAIN = NextStep("retry", (_BLOCKS, ("block.retry", "r")))
REPHRASE = NextStep("rephrase", (_BLOCKS, ("block.edit", "e")))


def why(turn: Turn) -> str:
    """Return why the turn failed, and whether its text is kept; "" for a turn without failure or reason."""
    failed = failure_of(turn) if turn.status not in (None, "ok") else None
    if failed is None:
        return ""
    name, cap = _cap(turn)
    reason = f"stopped at the {name} cap {cap}" if name else WHY[failed[0].kind]
    answer = turn.step("format")
    return f"{reason} · the text is kept" if answer and answer.text.strip() else reason


def next_steps(turn: Turn, others: Sequence[str] = ()) -> tuple[NextStep, ...]:
    """Return the next steps after a turn that failed. `others` are commands that ask another provider."""
    failed = failure_of(turn) if turn.status not in (None, "ok") else None
    if failed is None:
        return ()
    kind, made = failed[0].kind, list[NextStep]()
    name, _ = _cap(turn)
    if kind not in IN_VAIN:
        made.append(AGAIN)
    if kind is Kind.REFUSAL:
        made.append(REPHRASE)
    if name:
        made.append(NextStep(f"/budget {name} off"))
    if kind in CONNECT:
        made.append(NextStep("/connect"))
    if kind in CHOOSE:
        made.append(NextStep("another model", (("model.pick", "Ctrl+L"),)))
    if kind is Kind.CONTEXT_LENGTH:
        made += [NextStep("/context"), NextStep("/new")]
    if kind in ELSEWHERE:
        made += [NextStep(other) for other in others]
    return tuple(made)


def _cap(turn: Turn) -> tuple[str, str]:
    """Return the name and the amount of the cap that stopped the turn, or "" if no cap did or the log has no cap."""
    failed = failure_of(turn)
    if failed is None or failed[0].kind is not Kind.BUDGET:
        return "", ""
    for note in (note for block in reversed(turn.blocks) for note in reversed(block.notes)):
        if note.kind == "budget" and note.text == failed[0].message and "nano_usd" in note.data:
            return str(note.data["cap"]), dollars(Cost(int(note.data["nano_usd"]), "computed"))
    return "", ""
