"""`/search`: finds words in saved timelines, shows their place, and opens the timeline."""

from __future__ import annotations

from ralph.commands._base import Simple
from ralph.commands._saved import go_to
from ralph.core.errors import Failure, Kind
from ralph.core.formatting import plural
from ralph.core.plain_markdown import plain_markdown
from ralph.core.ports.face import Face
from ralph.core.timeline.rows import TimelineRow


async def run(argument: str, face: Face) -> None:
    """List timelines that contain all the words, each with an excerpt; on a screen, open its list of timelines."""
    words = argument.strip()
    if not words:
        raise Failure(Kind.USAGE, "write  /search WORDS;  one place must hold all words; the last may be incomplete")
    if await face.show("timelines", search=words):
        return
    rows = await face.workspace.timelines.rows(words)
    face.result(rows)
    if not rows:
        face.say(f"No saved timeline holds “{words}”.")
        return
    here = face.conversation.id
    found = f"{plural(len(rows), 'timeline')} with “{words}”"
    chosen = await face.choose(found, [(row.id, _label(row, here)) for row in rows])
    if chosen is not None:
        await go_to(face, chosen)


def _label(row: TimelineRow, here: str) -> str:
    """Return the title, and then the excerpt with the words."""
    facts = [
        row.label,
        f"“{plain_markdown(row.excerpt)}”" if row.excerpt else "",
        row.updated_at[:10],
        row.place(here),
    ]
    return " · ".join(fact for fact in facts if fact)


COMMAND = Simple("search", "find words in saved timelines, and go there", run, usage="words", lists=True)
