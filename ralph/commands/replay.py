"""`/replay`: plays a timeline again with its timing; nothing is sent and nothing is written."""

from __future__ import annotations

from ralph.commands._arguments import complete_timeline
from ralph.commands._base import Simple
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.ports.face import Face


async def run(argument: str, face: Face) -> None:
    """Play this timeline, or the named one."""
    wanted = argument.strip()
    if len(wanted.split()) > 1:
        raise Failure(Kind.USAGE, "write  /replay  for this timeline, or  /replay ID")
    if not wanted and not face.conversation.timeline().turns:
        face.say("There is nothing to replay yet. `/replay ID` plays a saved timeline; `/timelines` lists them.")
        return
    name = wanted or face.conversation.id
    try:
        events = await face.workspace.timelines.read_events(name)
    except NotFound:
        if wanted:
            raise
        face.say("This timeline is not saved, so there is nothing to replay.")
        return
    if not any(e.turn for e in events):
        face.say("That timeline has no turns.")
        return
    timeline = events[-1].timeline
    if not await face.show("replay", timeline=timeline, envelopes=events):
        face.say(f"A replay needs a screen; `ralph replay {timeline} --plain` prints it as it came.")


COMMAND = Simple("replay", "watch a timeline again as it came", run, (), "[id]", complete_timeline)
