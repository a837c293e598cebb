"""The keys of the whole screen, each with an id by which it can be remapped."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.binding import Binding, BindingType

# Never bound: Ctrl+M, Ctrl+I, Ctrl+H and Ctrl+[ are Enter, Tab, Backspace and Esc in a terminal.
BINDINGS: list[BindingType] = [
    Binding("escape", "stop", "stop", id="turn.stop"),
    Binding("ctrl+c", "interrupt", "clear, stop, twice quits", id="app.interrupt", show=False, priority=True),
    Binding("ctrl+l", "command('/model')", "choose a model", id="model.pick", show=False, priority=True),
    Binding("ctrl+n", "command('/new')", "new timeline", id="timeline.new", show=False, priority=True),
    Binding("ctrl+s", "command('/timelines')", "timelines", id="timeline.pick", show=False, priority=True),
    Binding("ctrl+o", "details", "fold or unfold step details", id="view.details", show=False, priority=True),
    Binding("ctrl+t", "thinking", "show or hide thinking", id="view.thinking", show=False, priority=True),
    Binding("ctrl+y", "copy_answer", "copy the last answer", id="answer.copy", show=False, priority=True),
    Binding("f2", "next_model", "next model used lately", id="model.next", show=False, priority=True),
    Binding("ctrl+p", "command_palette", "palette", id="app.palette", show=False, priority=True),
    Binding("f1", "command('/help')", "help", id="help", priority=True),
    Binding("pageup", "page(-1)", "page up", id="view.page_up", show=False),
    Binding("pagedown", "page(1)", "page down", id="view.page_down", show=False),
    Binding("home,ctrl+home", "top", "start of the timeline", id="view.top", show=False),
    Binding("end,ctrl+end", "end", "end of the timeline, and follow it", id="view.end", show=False),
]

ACTIONS = frozenset(b.action.partition("(")[0] for b in BINDINGS if isinstance(b, Binding))

# What the bottom line and the help list beside the bindings: keys that the prompt reads by itself.
FIXED: tuple[tuple[str, str], ...] = (
    ("Enter", "send; while a turn runs, send when it ends"),
    ("Ctrl+J, Shift+Enter, \\ Enter", "newline"),
    ("/", "commands"),
    ("Up, Down", "what was sent before"),
    ("Ctrl+D", "quit, when nothing is written"),
)
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


def display(key: str) -> str:
    """`ctrl+j` as a person reads it."""
    names = {"pageup": "PageUp", "pagedown": "PageDown", "escape": "Esc"}
    return "+".join(names.get(part, part.replace("_", " ").capitalize()) for part in key.split("+"))


def named(app: App[Any], name: str, usual: str) -> str:
    """The key of this action for a hint: the usual word for it, unless the configuration maps another."""
    mapped = app._keymap.get(name)
    return display(mapped.split(",")[0]) if mapped else usual


def of_command(app: App[Any], line: str) -> str:
    """The keys that run this slash command, as they are mapped; nothing where there is none."""
    known = _known(app)
    return next(
        (known[str(b.id)][0] for b in BINDINGS if isinstance(b, Binding) and b.action == f"command('{line}')"), ""
    )


def footer(app: App[Any]) -> list[tuple[str, str]]:
    """The keys of the bottom line, as they are mapped."""
    known = _known(app)
    made = []
    for name, text in FOOTER:
        key, what = (known[name][0], text) if name in known else tuple(text.split(" ", 1))
        made.append((key, what))
    return made


def help_rows(app: App[Any]) -> list[tuple[str, str]]:
    """Every key and what it does."""
    return [*FIXED, *(row for name, row in _known(app).items() if not name.startswith("prompt."))]


def _known(app: App[Any]) -> dict[str, tuple[str, str]]:
    from ralph.tui.widgets.prompt import Prompt

    made = {}
    for binding in (*BINDINGS, *Prompt.BINDINGS):
        if isinstance(binding, Binding) and binding.id:
            mapped = app._keymap.get(binding.id, binding.key)
            made[binding.id] = (", ".join(display(k) for k in mapped.split(",")), binding.description)
    return made
