"""The keys on a block: copy, fold, retry, fork or edit the block under the cursor of the timeline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from ralph.core.data import Data, frozen
from ralph.core.timeline.compared import answers_of
from ralph.core.timeline.timeline import Timeline
from ralph.core.timeline.turns import Block, Turn
from ralph.tui.controllers.dialogs import Dialogs
from ralph.tui.controllers.ports import Notify, Work
from ralph.tui.controllers.shell_state import ShellState
from ralph.tui.feed.folding import Folding
from ralph.tui.timeline.block_view import BlockView
from ralph.tui.timeline.blocks import SayDrawing
from ralph.tui.timeline.targets import Target

RETRIED = ("route", "tool", "format")


@frozen
class BlockPorts(Data):
    """The part of the program that the actions on a block use.

    `write` puts text into the prompt, `send` runs a slash command, and `copy` fills the clipboard. `rows` returns the
    action, the keys and the description of every key of a block. `run` runs such an action.
    """

    work: Work
    notify: Notify
    write: Callable[[str], None]
    send: Callable[[str], None]
    copy: Callable[[str], None]
    rows: Callable[[], Sequence[tuple[str, str, str]]]
    run: Callable[[str], Awaitable[object]]


class BlockActions:
    """The actions on the block under the cursor of the timeline."""

    def __init__(
        self, shell: ShellState, view: BlockView, folding: Folding, dialogs: Dialogs, ports: BlockPorts
    ) -> None:
        self._shell = shell
        self._view = view
        self._folding = folding
        self._dialogs = dialogs
        self._ports = ports

    def enter(self) -> None:
        """Move the cursor from the prompt to the last block."""
        if not self._view.enter():
            self._ports.notify("there is no block yet")

    def do(self, verb: str) -> None:
        """Run the action `verb` on the block under the cursor."""
        place = self._view.place
        if place is None:
            self._ports.notify("no block is chosen")
            return
        match verb:
            case "copy":
                self.copy(place)
            case "fold" | "waterfall":
                self._fold(place, verb)
            case "menu":
                self._ports.work(self._menu)
            case "edit":
                self._edit(place)
            case _ if verb.startswith("take "):
                self._take(place, int(verb.removeprefix("take ")))
            case _:
                self._send(place, verb)

    def copy(self, place: Target | None) -> None:
        """Copy the selected text, or else the block at `place`, or else the last answer."""
        ports, view = self._ports, self._view
        selected = view.screen.get_selected_text()
        if selected:
            what, text = "marked lines", selected
            view.action_leave() if view.marking else view.screen.clear_selection()
        elif place is None:
            turns = self._shell.conversation.timeline().turns
            what, text = "the last answer", next((t.text for t in reversed(turns) if t.text), "")
        elif place.part == "said":
            what, text = "words of ralph", self._read_notice()
        else:
            what, text = copy_of(self._shell.conversation.timeline(), place)
        if text.strip():
            ports.copy(text)
            ports.notify(f"copied: {what}, {len(text):,} characters", markup=False)
        else:
            ports.notify("there is nothing to copy here" if place else "there is no answer yet")

    def _read_notice(self) -> str:
        """Return the markdown of the words of ralph under the cursor."""
        at = self._view.cursor.index
        drawing = self._view.model.items[at].drawing if at is not None else None
        return drawing.text if isinstance(drawing, SayDrawing) else ""

    def _fold(self, place: Target, verb: str) -> None:
        waterfall = verb == "waterfall" or place.part in ("sum", "waterfall")
        if waterfall and not place.turn:
            self._ports.notify("there is no waterfall here; only a turn has one")
            return
        if place.part == "said":
            self._ports.notify("nothing is folded here; the output of a command is always shown in full")
            return
        if place.part in ("answer", "note") and not waterfall:
            self._ports.notify("nothing is folded here; an answer is always shown in full")
            return
        self._folding.fold(f"{place.turn}.waterfall" if waterfall else place.block)
        self._view.show_cursor()
        if waterfall:
            self._view.show_waterfall(place.turn)

    def takes(self) -> int:
        """Return the number of answers in the comparison under the cursor, or 0 for any other block."""
        place = self._view.place
        if place is None or place.turn:
            return 0
        _, block = _find_block(self._shell.conversation.timeline(), place)
        return len(answers_of(block)) if block else 0

    def _take(self, place: Target, number: int) -> None:
        """Continue with one answer of a comparison."""
        count = self.takes()
        if number <= count:
            self._view.leave()
            self._ports.send(f"/compare take {number} of {place.block}")
        elif count:
            self._ports.notify(f"this comparison has the answers 1 to {count}")

    def _edit(self, place: Target) -> None:
        asked = question_of(self._shell.conversation.timeline(), place)
        if asked:
            self._view.leave()
            self._ports.write(asked)
        else:
            self._ports.notify("there is no question here")

    def _send(self, place: Target, verb: str) -> None:
        line = command_of(self._shell.conversation.timeline(), place, verb)
        if line:
            self._view.leave()
            self._ports.send(line)
        else:
            self._ports.notify(f"there is no turn to {verb} here")

    async def _menu(self) -> None:
        """List every key of a block, and run the one that the person chooses."""
        rows = [(action, f"{key:<18} {what}") for action, key, what in self._ports.rows()]
        chosen = await self._dialogs.choose("What to do with this block", rows)
        if chosen:
            await self._ports.run(chosen)


def copy_of(timeline: Timeline, place: Target) -> tuple[str, str]:
    """Return the name of a block and its stored text: the markdown of an answer, the whole output of a tool."""
    turn, block = _find_block(timeline, place)
    if turn is None and block is None:
        return "", ""
    match place.part:
        case "user" if turn:
            return "question", "\n\n".join(t for t in (turn.started.prompt, turn.started.context) if t)
        case "answer" if block:
            return "answer", block.text
        case "step" if block:
            return block.kind, _of_step(block)
        case "note" if turn:
            return "note", "\n".join(n.text for n in turn.notes)
        case _:
            return "answer", turn.text if turn else ""


def command_of(timeline: Timeline, place: Target, verb: str) -> str:
    """Return the command that retries from this block or forks after its turn, or "" without a turn."""
    turn, block = _find_block(timeline, place)
    if turn is None:
        return ""
    if verb == "fork":
        return f"/fork {turn.number}"
    step = block.kind if block and block.kind in RETRIED else ""
    return f"/retry {turn.number} {step}".rstrip()


def question_of(timeline: Timeline, place: Target) -> str:
    """Return the question of the turn at `place`."""
    turn, _ = _find_block(timeline, place)
    return turn.started.prompt if turn else ""


def _find_block(timeline: Timeline, place: Target) -> tuple[Turn | None, Block | None]:
    turn = timeline.turn(place.turn) if place.turn else None
    blocks = turn.blocks if turn else timeline.work
    return turn, next((b for b in blocks if b.id == place.block), None)


def _of_step(block: Block) -> str:
    """Return the results of a step: its failure, the outputs of its calls, its text, or else its thinking."""
    parts = [f"{block.error.kind.value}: {block.error.message}" if block.error else ""]
    several = len(block.calls) > 1
    parts += [f"{call.name}:\n{call.output}" if several else call.output for call in block.calls]
    if block.kind in ("tool", "summarise"):
        parts.append(block.text)
    if block.kind == "route":
        parts.append(str(block.data.get("reason", "")))
    return "\n\n".join(p for p in parts if p.strip()) or block.thinking or block.text
