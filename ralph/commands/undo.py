"""`/undo files` takes back what the last turn wrote; `/undo` with a turn, or with nothing, is `/rewind`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ralph.commands import rewind
from ralph.commands._arguments import endings, number
from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.errors import PARTIAL_EXIT, Failure, Kind, NotFound
from ralph.core.formatting import join_words, plural
from ralph.core.ports.face import Face, Named
from ralph.core.timeline.file_undo import find_last_written
from ralph.workflows.undo_files import UndoPlan, carry_out, plan_undo


class FilesLeft(Failure):
    """Some files of the turn stay as they are."""

    @property
    def exit_code(self) -> int:
        return PARTIAL_EXIT


async def run(argument: str, face: Face) -> None:
    """Restore the files of the last turn that wrote, after a yes. An undone turn is passed over the next time.

    Without the word `files`, go back before a turn as `/rewind` does.
    """
    words = argument.split()
    if words[:1] != ["files"]:
        await rewind.run(argument, face)
        return
    if len(words) > 1:
        raise Failure(Kind.USAGE, "write  /undo files  to take back what the last turn wrote")
    if face.conversation.busy:
        raise Failure(Kind.BUSY, "a turn is running; wait for it, or stop it first")
    written = find_last_written(face.conversation.timeline())
    if written is None:
        raise NotFound("no turn of this timeline wrote a file that could be taken back")
    plan = await plan_undo(face.workspace.timelines, written, face.workspace.root)
    if any(file.change for file in plan.files) and not await _confirm(plan, face):
        face.say("Nothing was changed.")
        return
    made, folders = await asyncio.to_thread(carry_out, plan)
    data = made.data(folders)
    face.result(data)
    await face.keep(f"Undo of turn {written.turn}", _describe(made, folders), data)
    if made.left:
        names = join_words([f"{file.path} ({file.why})" for file in made.left])
        was = "was" if len(made.left) == 1 else "were"
        raise FilesLeft(Kind.IO, f"{plural(len(made.left), 'file')} of turn {written.turn} {was} left: {names}")


async def complete(argument: str, face: Face) -> Sequence[str | Named]:
    return [*endings(argument, ["files"]), *await number(argument, face)]


async def _confirm(plan: UndoPlan, face: Face) -> bool:
    """Ask for a yes. Raises `Failure(APPROVAL)` if nobody can be asked."""
    rows = [f"{file.path} will be {file.done}" for file in plan.files if file.change is not None]
    question = f"Undo what turn {plan.written.turn} wrote? {join_words(rows)}"
    try:
        return await face.ask(question, [("undo", "take it back"), ("keep", "keep it")]) == "undo"
    except Failure as failure:
        if failure.kind is not Kind.USAGE:
            raise
        raise Failure(Kind.APPROVAL, "an undo needs a yes; write --yes to take the files back") from None


def _describe(plan: UndoPlan, folders: Sequence[str]) -> str:
    rows = [
        f"- `{file.path}` {'was ' + file.done if file.change else 'was left: ' + verbatim(file.why)}"
        for file in plan.files
    ]
    rows += [f"- the empty folder `{folder.rstrip('/')}` was removed" for folder in folders]
    return "\n".join([f"Turn {plan.written.turn}:", "", *rows])


COMMAND = Simple(
    "undo", "take back what the last turn wrote; or rewind", run, usage="[files|turn]", complete=complete, whole=True
)
