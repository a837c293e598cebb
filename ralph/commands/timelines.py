"""`/timelines`: opens a saved timeline from a list or a search."""

from __future__ import annotations

from ralph.commands._arguments import complete_timeline
from ralph.commands._base import Simple
from ralph.commands._saved import go_to
from ralph.core.errors import NotFound
from ralph.core.plain_markdown import plain_markdown
from ralph.core.ports.face import Face
from ralph.core.timeline.rows import TimelineRow


async def run(argument: str, face: Face) -> None:
    """Open the timeline of an id; search for any other words; without words, list the latest timelines."""
    wanted = argument.strip()
    if wanted and len(wanted.split()) == 1:
        try:
            await go_to(face, wanted)
        except NotFound:
            pass
        else:
            return
    if await face.show("timelines", search=wanted):
        return
    rows = await face.workspace.timelines.rows(wanted)
    face.result(rows)
    if not rows:
        face.say(f"No timeline holds “{wanted}”." if wanted else "No timeline is saved yet.")
        return
    title = f"Timelines with “{wanted}”" if wanted else "Timelines, latest first"
    here = face.conversation.id
    chosen = await face.choose(title, [(row.id, _label(row, here)) for row in rows])
    if chosen is not None:
        await go_to(face, chosen)


def _label(row: TimelineRow, here: str) -> str:
    facts = [
        row.label,
        f"{row.turns} turn{'' if row.turns == 1 else 's'}",
        row.charged,
        row.updated_at[:16].replace("T", " "),
        row.place(here),
        f"“{plain_markdown(row.excerpt)}”" if row.excerpt else "",
    ]
    return " · ".join(f for f in facts if f)


COMMAND = Simple("timelines", "go to a saved timeline", run, ("resume", "sessions"), "[id or words]", complete_timeline,
                 lists=True)  # fmt: skip
