"""`/context`: shows the size of the next request, and the turns that no longer fit."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.ports.context import ContextReport
from ralph.core.ports.face import Face

_SOURCES = {"provider": "from its provider", "table": "from the price table", "assumed": "assumed"}
_WORDS = 60


async def run(argument: str, face: Face) -> None:  # noqa: ARG001 - takes none
    """Show the context on its screen, or as a table without screens."""
    if await face.show("context"):
        return
    report = await face.workspace.models.context(face.conversation)
    face.result(report)
    face.say(_table(report))


def _table(report: ContextReport) -> str:
    window = f"{verbatim(report.model)} has a window of {report.window:,} tokens, {_SOURCES[report.source]}."
    parts = (
        ("system", report.system), (f"tools ({report.tool_count})", report.tools), ("history", report.history),
        ("reserve", report.reserve), ("free", report.free),
    )  # fmt: skip
    lines = [f"| {name} | ~{tokens:,} |" for name, tokens in parts]
    turns = [
        f"| {t.number} | ~{t.tokens:,} | {verbatim(_short(t.prompt))}{'' if t.kept else ' (not sent)'} |"
        for t in report.turns
    ]
    made = f"{window}\n\n| part | tokens |\n| --- | ---: |\n" + "\n".join(lines)
    return made + ("\n\n| turn | tokens | prompt |\n| ---: | ---: | --- |\n" + "\n".join(turns) if turns else "")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WORDS else line[: _WORDS - 1] + "…"


COMMAND = Simple("context", "what the next request contains", run, whole=True)
