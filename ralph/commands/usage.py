"""`/usage`: shows usage and cost over all timelines."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.errors import Failure, Kind, did_you_mean
from ralph.core.llm.usage import format_charge
from ralph.core.ports.face import Face
from ralph.core.ports.usage_report import BYS, GroupBy, UsageReport, UsageRow, price_hint

_HEAD = "requests | input | output | cost | errors |\n| --- | ---: | ---: | ---: | ---: | ---: |"


async def run(argument: str, face: Face) -> None:
    """Show usage on its screen, or as a table without screens."""
    by = _by(argument) if argument.strip() else None
    if await face.show("usage", by=by):
        return
    by = by or "day"
    account = await face.workspace.usage.report(by)
    face.result(account)
    face.say(_table(account))


async def complete(argument: str, face: Face) -> Sequence[str]:  # noqa: ARG001 - a Complete
    return [by for by in BYS if by.startswith(argument.casefold())]


def _by(argument: str) -> GroupBy:
    word = argument.strip().casefold()
    for by in BYS:
        if word == by:
            return by
    hint = did_you_mean(word, BYS)
    raise Failure(Kind.USAGE, f"usage is grouped by {', '.join(BYS)}, not by '{argument.strip()}'{hint}")


def _table(account: UsageReport) -> str:
    if not account.total.attempts:
        return "No request was sent to a model yet."
    lines = "\n".join(_line(row) for row in (*account.rows, account.total))
    hint = price_hint(account)
    return f"| {account.by} | {_HEAD}\n{lines}" + (f"\n\n{hint}" if hint else "")


def _line(row: UsageRow) -> str:
    mark = "~" if row.usage.source == "estimated" else ""
    tokens, cost = (
        f"{mark}{row.usage.input:,} | {mark}{row.usage.output:,}",
        verbatim(format_charge(row.cost, row.usage)),
    )
    return f"| {verbatim(row.name)} | {row.attempts:,} | {tokens} | {cost} | {row.error_rate:.0%} |"


COMMAND = Simple("usage", "tokens, cost and waiting, in groups", run, ("cost",), f"[{'|'.join(BYS)}]", complete)
