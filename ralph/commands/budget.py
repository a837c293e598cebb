"""`/budget`: shows how much may still be spent, and sets caps, which are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.commands._kept import RESET, describe_keeping, describe_reset
from ralph.core.errors import Failure, Kind, did_you_mean
from ralph.core.llm.usage import Cost, dollars
from ralph.core.ports.face import Face
from ralph.core.ports.usage_report import CAPS, BudgetRow, CapName

_AMOUNT = re.compile(r"\$?(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})")
_OFF = ("off", "none")


async def run(argument: str, face: Face) -> None:
    """Show all budgets, or the named one; with an amount, set its cap. `reset` forgets set caps."""
    words = argument.split()
    if words and words[0].casefold() == RESET and len(words) <= 2:
        await _reset(face, [_name(words[1])] if len(words) == 2 else CAPS)
        return
    if len(words) > 2:
        raise Failure(Kind.USAGE, "write  /budget NAME USD,  as in /budget day 5 or /budget day off")
    if not words:
        rows = await _rows(face)
        face.result(rows)
        face.say(_table(rows))
        return
    name = _name(words[0])
    kept = ""
    if len(words) == 2:
        usd = _amount(words[1])
        face.workspace.usage.set_budget(name, usd)
        why = await face.workspace.choices.keep({f"budget.{name}": usd})
        kept = f"\n\n{describe_keeping(why, f'/budget {RESET} {name}')}"
    rows = tuple(row for row in await _rows(face) if row.name == name)
    face.result(rows)
    face.say(_table(rows) + kept)


async def _reset(face: Face, names: Sequence[CapName]) -> None:
    """Restore the configured caps."""
    choices = face.workspace.choices
    for name in names:
        usd = choices.find_configured(f"budget.{name}")
        face.workspace.usage.set_budget(name, usd if isinstance(usd, int | float) else None)
    why = await choices.forget(*(f"budget.{name}" for name in names))
    rows = await _rows(face)
    face.result(rows)
    face.say(f"{_table(rows)}\n\n{describe_reset(why)}")


async def complete(argument: str, face: Face) -> Sequence[str]:  # noqa: ARG001 - a Complete
    """Complete a name or `reset` first; after a name `off`, after `reset` a name."""
    name, blank, amount = argument.casefold().lstrip().partition(" ")
    if not blank:
        return [word for word in (*CAPS, RESET) if word.startswith(name)]
    if name == RESET:
        return [f"{RESET} {cap}" for cap in CAPS if cap.startswith(amount.strip())]
    return [f"{name} off"] if name in CAPS and "off".startswith(amount.strip()) else ()


async def _rows(face: Face) -> tuple[BudgetRow, ...]:
    here = face.conversation
    return await face.workspace.usage.budgets(here.id, here.timeline().last_turn)


def _name(word: str) -> CapName:
    for name in CAPS:
        if word.casefold() == name:
            return name
    hint = did_you_mean(word, CAPS)
    raise Failure(Kind.USAGE, f"there is no budget '{word}'; there are {', '.join(CAPS)}{hint}")


def _amount(word: str) -> float | None:
    if word.casefold() in _OFF:
        return None
    found = _AMOUNT.fullmatch(word)
    if not found:
        raise Failure(Kind.USAGE, f"'{word}' is not an amount of US dollars; write one like 5 or 0.25, or off")
    return float(found[1])


def _table(rows: Sequence[BudgetRow]) -> str:
    lines = "\n".join(_line(row) for row in rows)
    return f"| budget | spent | held | cap | used |\n| --- | ---: | ---: | ---: | ---: |\n{lines}{_hint(rows)}"


def _hint(rows: Sequence[BudgetRow]) -> str:
    unknown = any(row.spent and row.spent.status == "unknown" for row in rows)
    return "\n\nA part of the cost is unknown; /usage says of which model, and how to set its price." if unknown else ""


def _line(row: BudgetRow) -> str:
    cap = "no cap" if row.cap is None else dollars(Cost(row.cap, "computed"))
    spent = "$0" if row.spent is None else dollars(row.spent)
    held = dollars(Cost(row.held, "estimated")) if row.held else ""
    share = "" if row.share is None else f"{row.share:.0%}"
    return f"| {_WHAT[row.name]} | {verbatim(spent)} | {verbatim(held)} | {cap} | {share} |"


_WHAT: dict[CapName, str] = {
    "turn": "turn (the last one)", "timeline": "timeline (this one)", "day": "day (today)", "month": "month (this one)"
}  # fmt: skip

COMMAND = Simple(
    "budget", "spending so far; set a cap", run, usage=f"[{'|'.join(CAPS)}] [USD|off] or reset",
    complete=complete,
)  # fmt: skip
