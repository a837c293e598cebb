"""The keys of the program, its prompt, its blocks and its search. Each key has an id for the keymap."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.binding import Binding, BindingType

# Never bind Ctrl+M, Ctrl+I, Ctrl+H and Ctrl+[: a terminal sends them as Enter, Tab, Backspace and Esc.
BINDINGS: list[BindingType] = [
    Binding("escape", "stop", "stop", id="turn.stop"),
    Binding("ctrl+c", "interrupt", "clear, stop, twice quits", id="app.interrupt", show=False, priority=True),
    Binding("ctrl+l", "open('/model')", "choose a model", id="model.pick", show=False, priority=True),
    Binding("ctrl+n", "command('/new')", "new timeline", id="timeline.new", show=False, priority=True),
    Binding("ctrl+s", "open('/timelines')", "timelines", id="timeline.pick", show=False, priority=True),
    Binding("ctrl+o", "details", "fold or unfold step details", id="view.details", show=False, priority=True),
    Binding("ctrl+t", "thinking", "show or hide thinking", id="view.thinking", show=False, priority=True),
    Binding("ctrl+y", "copy_answer", "copy the block, or the last answer", id="answer.copy", show=False, priority=True),
    Binding("ctrl+r", "search_prompts", "search what was sent", id="prompts.search", show=False, priority=True),
    Binding("ctrl+g", "editor", "write in your editor", id="editor.open", show=False, priority=True),
    Binding("ctrl+z", "suspend_process", "back to the shell; fg returns", id="app.suspend", show=False, priority=True),
    Binding("f2", "next_model", "next model used lately", id="model.next", show=False, priority=True),
    Binding("ctrl+p", "command_palette", "palette", id="app.palette", show=False, priority=True),
    Binding("f1", "open('/help')", "help", id="help", priority=True),
    Binding("alt+up,ctrl+up", "point", "up to the blocks: copy, retry, fork, fold", id="block.enter", show=False),
    Binding("shift+tab", "answer", "to the question that waits", id="question.focus", show=False, priority=True),
    Binding("ctrl+f", "find", "search in this timeline", id="find.open", show=False, priority=True),
    Binding("pageup", "page(-1)", "page up", id="view.page_up", show=False),
    Binding("pagedown", "page(1)", "page down", id="view.page_down", show=False),
    Binding("home,ctrl+home", "top", "start of the timeline", id="view.top", show=False),
    Binding("end,ctrl+end", "end", "end of the timeline, and follow it", id="view.end", show=False),
]

# The keys of the prompt.
PROMPT: list[BindingType] = [
    Binding("ctrl+j", "newline", "newline", id="prompt.newline", show=True),
    Binding("up", "earlier", "earlier", id="prompt.earlier", show=False),
    Binding("down", "later", "later", id="prompt.later", show=False),
    Binding("tab", "complete", "complete", id="prompt.complete", show=False),
    Binding("escape", "close_list", "close the list", id="prompt.close_list", show=False),
    Binding("shift+up", "select_up", "up to the blocks", id="prompt.point", show=False),
    Binding("ctrl+d", "delete_or_quit", "quit", id="prompt.quit", show=False),
    Binding("pageup", "app.page(-1)", "page up", id="prompt.page_up", show=False),
    Binding("pagedown", "app.page(1)", "page down", id="prompt.page_down", show=False),
    Binding("home", "home", "start", id="prompt.home", show=False),
    Binding("end", "end", "end", id="prompt.end", show=False),
    # The keys of a shell that TextArea lacks. TextArea has Ctrl+A, E, K and U.
    Binding("ctrl+w", "delete_to_blank", "delete back to a space", id="prompt.delete_to_blank", show=False),
    Binding("alt+left,alt+b", "cursor_word_left", "word left", id="prompt.word_left", show=False),
    Binding("alt+right,alt+f", "cursor_word_right", "word right", id="prompt.word_right", show=False),
    Binding("alt+d", "delete_word_right", "delete the word", id="prompt.delete_word", show=False),
    Binding("ctrl+b", "cursor_left", "left", id="prompt.left", show=False),
    Binding("ctrl+underscore,ctrl+minus", "undo", "undo", id="prompt.undo", show=False),
    Binding("ctrl+shift+z,alt+z", "redo", "redo", id="prompt.redo", show=False),
]

# The keys of a block under the cursor of the timeline.
BLOCK: list[BindingType] = [
    Binding("up,k,shift+up,alt+up,ctrl+up", "move(-1)", "the block above", id="block.up"),
    Binding("down,j,shift+down,alt+down,ctrl+down", "move(1)", "the block below, then the prompt", id="block.down"),
    Binding("left_square_bracket", "turn(-1)", "the turn before", id="block.turn_before"),
    Binding("right_square_bracket", "turn(1)", "the next turn", id="block.turn_after"),
    Binding("g,home,ctrl+home", "edge(-1)", "the first block", id="block.first"),
    Binding("G,end,ctrl+end", "edge(1)", "the last block", id="block.last"),
    Binding("pageup", "page(-1)", "page up", id="block.page_up"),
    Binding("pagedown", "page(1)", "page down", id="block.page_down"),
    Binding("y,c", "app.block('copy')", "copy the block, or the marked lines", id="block.copy"),
    Binding("enter,space,o", "app.block('fold')", "unfold or fold the block", id="block.fold"),
    Binding("w", "app.block('waterfall')", "waterfall of the turn", id="block.waterfall"),
    Binding("r", "app.block('retry')", "retry from this step", id="block.retry"),
    Binding("f", "app.block('fork')", "fork after this turn", id="block.fork"),
    Binding("e", "app.block('edit')", "put the question back into the prompt", id="block.edit"),
    *(
        Binding(f"{n}", f"app.block('take {n}')", f"go on with answer {n} of a comparison", id=f"block.take_{n}")
        for n in range(1, 7)
    ),
    Binding("v", "mark", "mark lines", id="block.mark"),
    Binding("n", "app.find_next(1)", "next match of the search", id="block.find_next"),
    Binding("N", "app.find_next(-1)", "match before", id="block.find_before"),
    Binding("question_mark", "app.block('menu')", "what can be done with the block", id="block.menu"),
    Binding("escape", "leave", "back to the prompt", id="block.leave"),
]

# The keys of the search bar.
FIND: list[BindingType] = [
    Binding("down,ctrl+n", "go(1)", "next match", id="find.next", show=False, priority=True),
    Binding("up,shift+enter", "go(-1)", "match before", id="find.before", show=False, priority=True),
    Binding("escape", "close", "close the search", id="find.close", show=False, priority=True),
]

ACTIONS = frozenset(b.action.partition("(")[0] for b in BINDINGS if isinstance(b, Binding))

FOOTER: tuple[tuple[str, str], ...] = (
    ("", "Enter send"),
    ("prompt.newline", "newline"),
    ("", "/ commands"),
    ("app.palette", "palette"),
    ("turn.stop", "stop"),
    ("help", "help"),
    ("view.details", "details"),
    ("view.thinking", "thinking"),
    ("model.pick", "model"),
    ("timeline.pick", "timelines"),
)


# The bottom line while the cursor is on a block, and while lines are marked.
POINTING: tuple[tuple[str, str], ...] = (
    ("block.leave", "prompt"),
    ("block.up", "move"),
    ("block.fold", "fold"),
    ("block.copy", "copy"),
    ("block.menu", "more"),
    ("block.retry", "retry"),
    ("block.fork", "fork"),
    ("block.edit", "edit"),
    ("block.waterfall", "waterfall"),
    ("block.mark", "mark"),
    ("block.turn_before", "turn"),
)
MARKING: tuple[tuple[str, str], ...] = (
    ("block.copy", "copy"),
    ("block.up", "fewer or more lines"),
    ("block.leave", "do not mark"),
)
# The bottom line while the search is open. The search bar reads Enter itself.
FINDING: tuple[tuple[str, str], ...] = (
    ("find.before", "match before"),
    ("find.close", "close the search"),
)
_PAIRS = {"block.up": "block.down", "block.turn_before": "block.turn_after"}


NAMES = {
    "pageup": "PageUp", "pagedown": "PageDown", "escape": "Esc", "question_mark": "?", "left_square_bracket": "[",
    "right_square_bracket": "]",
}  # fmt: skip


def display(key: str) -> str:
    """Return the name of a key for a person: `Ctrl+J` for `ctrl+j`."""
    if len(key) == 1:
        return key
    return "+".join(NAMES.get(part, part.replace("_", " ").capitalize()) for part in key.split("+"))


def name_key(app: App[Any], name: str, usual: str) -> str:
    """Return the name of an action's key for a hint: `usual`, unless the keymap maps another key."""
    mapped = app._keymap.get(name)
    return display(mapped.split(",")[0]) if mapped else usual


def hint(app: App[Any], *rows: tuple[str, str, str]) -> str:
    """Return a line of keys. Each row is an action ("" if it cannot be mapped), its usual key, and its description."""
    return " · ".join(f"{name_key(app, name, usual)} {what}".strip() for name, usual, what in rows)


def of_command(app: App[Any], line: str) -> str:
    """Return the mapped keys that run this slash command, or "" if there are none."""
    known, wanted = _list_known(app), (f"command('{line}')", f"open('{line}')")
    return next((known[str(b.id)][0] for b in BINDINGS if isinstance(b, Binding) and b.action in wanted), "")


def footer(app: App[Any], pointed: bool = False) -> list[tuple[str, str]]:
    """Return the mapped keys of the bottom line. `pointed` is true if a click has chosen a block."""
    known = _list_known(app)
    made = [(known["block.enter"][0].partition(",")[0], "keys of this block")] if pointed else []
    for name, text in FOOTER:
        key, what = (known[name][0], text) if name in known else tuple(text.split(" ", 1))
        made.append((key, what))
    return made


def pointing(app: App[Any]) -> list[tuple[str, str]]:
    """Return the bottom line for a cursor on a block: the first key of each action, with pairs in one entry."""
    return _short(app, POINTING)


def marking(app: App[Any]) -> list[tuple[str, str]]:
    """Return the bottom line while lines are marked."""
    return _short(app, MARKING)


def finding(app: App[Any]) -> list[tuple[str, str]]:
    """Return the bottom line while the search is open."""
    return [("Enter", "next match"), *_short(app, FINDING)]


def block_rows(app: App[Any]) -> list[tuple[str, str, str]]:
    """Return action, keys and description of each key of a block. Keys that act come before keys that move."""
    known = _list_known(app)
    bindings = [b for b in BLOCK if isinstance(b, Binding) and b.id and b.id != "block.menu"]
    moves = ("move", "turn", "edge", "page", "leave")
    bindings.sort(key=lambda b: b.action.partition("(")[0] in moves)
    return [(b.action, *known[str(b.id)]) for b in bindings]


def _short(app: App[Any], wanted: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    known = _list_known(app)
    made = []
    for name, text in wanted:
        shown = [known[n][0].partition(", ")[0] for n in (name, _PAIRS.get(name, "")) if n in known]
        made.append((" ".join(shown), text))
    return made


def help_rows(app: App[Any]) -> list[tuple[str, str]]:
    """Return every key and its description."""
    return [*_prompt_rows(app), *(row for name, row in _list_known(app).items() if not name.startswith("prompt."))]


def _prompt_rows(app: App[Any]) -> list[tuple[str, str]]:
    """Return the keys of the prompt: those of mappable actions, and those that the prompt reads itself."""
    known = _list_known(app)

    def keys(*names: str) -> str:
        return ", ".join(known[f"prompt.{name}"][0].partition(", ")[0] for name in names)

    return [
        ("Enter", "send; while a turn runs, send when it ends"),
        (f"{keys('newline')}, Shift+Enter, \\ Enter", "newline"),
        ("/", f"commands; {keys('complete')} completes"),
        ("@", "a file or folder that goes with the message"),
        ("!", "a command of your own, in your shell; !! keeps it from the model"),
        ("?", "this help, when nothing is written"),
        (keys("earlier", "later"), "what was sent before; first, what waits to be sent"),
        ("Ctrl+A, Ctrl+E", "to the start or the end of the line, as in a shell"),
        ("Ctrl+U, Ctrl+K", "delete what stands before or behind the cursor"),
        (keys("delete_to_blank", "undo"), "delete a word; undo"),
        (keys("point"), "up to the blocks, when nothing is written"),
        (keys("quit"), "quit, when nothing is written"),
        (f"{known['turn.stop'][0].partition(', ')[0]} twice", "with nothing to stop: pick a turn to go back to"),
    ]


def _list_known(app: App[Any]) -> dict[str, tuple[str, str]]:
    made = {}
    for binding in (*BINDINGS, *PROMPT, *BLOCK, *FIND):
        if isinstance(binding, Binding) and binding.id:
            mapped = app._keymap.get(binding.id, binding.key)
            made[binding.id] = (", ".join(display(k) for k in mapped.split(",")), binding.description)
    return made
