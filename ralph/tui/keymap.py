"""The checked keymap of the configuration: faults are reported and left out, and the rest applies."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from textual.binding import Binding
from textual.keys import Keys, _character_to_key, key_to_character
from textual.widgets import TextArea

from ralph.config.settings import Written
from ralph.core.data import Data, frozen
from ralph.core.errors import nearest
from ralph.tui import keys

# A terminal sends these as other keys.
NEVER: Mapping[str, str] = {
    "ctrl+m": "Enter", "ctrl+i": "Tab", "ctrl+h": "Backspace", "ctrl+left_square_bracket": "Esc",
}  # fmt: skip
_MEANT: Mapping[str, str] = {
    "esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown", "pgdown": "pagedown",
    "ctrl+space": "ctrl+@", "control": "ctrl", "option": "alt", "cmd": "super",
}  # fmt: skip
_MODIFIERS = frozenset(("ctrl", "alt", "shift", "super", "meta", "hyper"))
_NAMED = frozenset(k.value for k in Keys if not k.value.startswith("<"))
# Keys of Textual's text area that the prompt has given away, or that a prompt does not need.
_FREE = frozenset(("f6", "f7", "pageup", "pagedown"))
# The scope of the keys that work together with the prompt. Every screen is a scope of its own.
MAIN = "timeline"


@frozen
class MappableKey(Data):
    """A binding that can be mapped, and its scope."""

    scope: str
    binding: Binding

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.binding.key.split(","))


@frozen
class Keymap(Data):
    """The valid part of a keymap, and its faults.

    `keys` maps a binding id to keys with commas, as Textual takes them. `faults` has a sentence for every entry that
    was left out.
    """

    keys: Mapping[str, str]
    faults: tuple[str, ...] = ()


def main_bindings() -> list[MappableKey]:
    """Return the bindings of the timeline and the prompt, which exist before the first paint."""
    return _list_known(MAIN, (*keys.BINDINGS, *keys.PROMPT))


def all_bindings() -> list[MappableKey]:
    """Return the bindings of every screen and panel too. This imports all of them."""
    made = main_bindings()
    for room in ("ralph.tui.timeline", "ralph.tui.widgets", "ralph.tui.screens"):
        for found in pkgutil.iter_modules(importlib.import_module(room).__path__, f"{room}."):
            module = importlib.import_module(found.name)
            for thing in vars(module).values():
                own = isinstance(thing, type) and thing.__module__ == module.__name__
                bindings = vars(thing).get("BINDINGS") if own else None
                if bindings and bindings is not keys.PROMPT:
                    made += _list_known(thing.__name__, bindings)
    return made


def _list_known(scope: str, bindings: Iterable[object]) -> list[MappableKey]:
    return [MappableKey(scope, b) for b in bindings if isinstance(b, Binding) and b.id]


def read_keymap(
    written: Mapping[str, Written], known: Sequence[MappableKey], file: Path, *, whole: bool = True
) -> Keymap:
    """Check the keys of a configuration. With `whole`, an unknown id is a fault; otherwise a later check reports it."""
    by_id = {str(k.binding.id): k for k in known}
    faults: list[tuple[int, str]] = []
    good: dict[str, tuple[str, ...]] = {}
    for name, value in written.items():
        if name not in by_id:
            if whole:
                close = nearest(name, by_id, 1)
                told = f"the nearest is '{close[0]}'" if close else "/keys lists them"
                faults.append((value.line, f"{name}: there is no such action; {told}"))
            continue
        wanted = tuple(_normalise(key) for key in value.text.split(",")) if value.text.strip() else ()
        fault = _fault(wanted, value.text, by_id[name])
        if fault:
            faults.append((value.line, f"{name}: {fault}"))
        else:
            good[name] = wanted
    while clash := _clash(good, by_id):
        name, key, other = clash
        what = by_id[other].binding.description
        faults.append((written[name].line, f"{name}: {keys.display(key)} is the key of '{other}' already: {what}"))
        del good[name]
    sentences = tuple(f"{_short(file)}:{line}: ui.keys.{sentence}; it is left out" for line, sentence in sorted(faults))
    return Keymap({name: ",".join(wanted) for name, wanted in good.items()}, sentences)


def _short(file: Path) -> str:
    """Return the path with `~` for the home directory: a notice is narrow."""
    return f"~/{file.relative_to(Path.home())}" if file.is_relative_to(Path.home()) else str(file)


def _normalise(key: str) -> str:
    """Return the Textual name of a key, also for `Ctrl+K`, `ctrl+[` and `Esc`."""
    key = key.strip()
    if len(key) == 1:
        return _character_to_key(key)
    *before, base = key.casefold().split("+")
    base = _character_to_key(base) if len(base) == 1 else _MEANT.get(base, base)
    whole = "+".join((*(_MEANT.get(m, m) for m in before), base))
    return _MEANT.get(whole, whole)


def _fault(wanted: Sequence[str], text: str, known: MappableKey) -> str:
    """Return the fault of these keys on their own, or "" if there is none."""
    if not wanted:
        return "found nothing, but it takes a key like ctrl+k, or several with commas between them"
    for key in wanted:
        if not _is_key(key):
            close = nearest(key, _NAMED, 1)
            hint = f"did you mean '{close[0]}'?" if close else "write one like ctrl+k or f5"
            return f"'{text}' is not a key; {hint}"
        if key in NEVER:
            return f"'{text}' is the same key as {NEVER[key]} in a terminal"
        if known.scope == MAIN and key not in known.keys and (why := _describe_need(key, known.binding)):
            return f"'{text}' is needed by the prompt: {why}"
    return ""


def _is_key(key: str) -> bool:
    *modifiers, base = key.split("+")
    known = base in _NAMED or key_to_character(base) is not None
    return key in _NAMED or (known and set(modifiers) <= _MODIFIERS)


def _describe_need(key: str, binding: Binding) -> str:
    """Return what the prompt does with a key. A binding with priority may take keys of editing, never of writing."""
    if key in ("enter", "shift+enter"):
        return "it sends, or starts a new line"
    if "+" not in key and key_to_character(key) is not None:
        return "it is a letter or sign to type"
    editing = {k: b for b in TextArea.BINDINGS if isinstance(b, Binding) for k in b.key.split(",")}
    if key in editing and (not binding.priority or "+" not in key) and key not in _FREE:
        return f"{editing[key].description.casefold()}"
    return ""


def _clash(good: Mapping[str, Sequence[str]], by_id: Mapping[str, MappableKey]) -> tuple[str, str, str] | None:
    """Return the last mapped action whose key belongs to another action of the same scope, the key, and that action."""
    for name in reversed(list(good)):
        for key in good[name]:
            for other, known in by_id.items():
                here = other != name and known.scope == by_id[name].scope
                if here and key in good.get(other, known.keys) and not (key in known.keys and key in by_id[name].keys):
                    return name, key, other
    return None
