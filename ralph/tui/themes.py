"""Themes as YAML files, checked before Textual sees them: a bad colour there would end the program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure, nearest

COLOURS = (
    "primary", "secondary", "warning", "error", "success", "accent", "foreground", "background", "surface", "panel",
    "boost",
)  # fmt: skip
_NUMBERS = ("luminosity_spread", "text_alpha")
_KEYS = frozenset(f.name for f in fields(Theme))
_NAME = re.compile(r"[a-z][a-z0-9-]*")
# `key: "text"`, `key: word` or `key:`, indented once at most. A word is a name, true or false.
_LINE = re.compile(r'( {2})?([a-z][a-z_-]*):(?: +(?:"([^"\\]*)"|([a-z][a-z-]*)))? *')
_CLEVER = frozenset(("yes", "no", "on", "off", "null", "y", "n"))
_STYLES = frozenset(("none", "not", "bold", "italic", "underline", "reverse", "strike", "dim"))
_PERCENT = re.compile(r"\s+\d{1,3}%$")
HOUSE = "sacred"

# Variables of ralph beside Textual's: the colours of steps, rules, bars and code, with the colour that each defaults
# to. A theme may set each under `variables:`.
OWN: Mapping[str, str] = {
    "step-user": "primary",
    "step-route": "secondary",
    "step-tool": "warning",
    "step-format": "success",
    "heading": "accent",
    "code-inline": "accent",
    "code-keyword": "accent",
    "code-string": "success",
    "code-number": "warning",
    "code-function": "primary",
    "code-type": "secondary",
}

# Variables that default to a shade between the background (0) and the foreground (1).
SHADES: Mapping[str, float] = {"muted": 0.62, "faint": 0.42, "bar-rest": 0.2, "code-background": 0.06}
# The terminal's own colours have no shades, and only one grey.
ANSI_SHADES: Mapping[str, str] = {
    "muted": "ansi_default",
    "faint": "ansi_bright_black",
    "bar-rest": "ansi_bright_black",
    "code-background": "ansi_default",
    # Textual's own styles use these variables, and its ANSI colours do not define them.
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "surface-active": "ansi_default",
}


@frozen
class Themes(Data):
    """The themes that were read: the good ones, and a sentence for each bad one."""

    loaded: tuple[Theme, ...] = ()
    failed: tuple[str, ...] = ()


def theme_files(directories: Iterable[Path]) -> list[Path]:
    """Return the theme files of these directories. A file of a later directory replaces one of the same name."""
    found = {path.stem: path for directory in directories for path in sorted(directory.glob("*.yaml"))}
    return list(found.values())


def read_themes(files: Iterable[Path]) -> Themes:
    """Read and check these files. A bad file raises nothing."""
    loaded, failed = [], []
    for path in files:
        try:
            loaded.append(read_theme(path))
        except ConfigFailure as failure:
            failed.append(failure.message)
    return Themes(tuple(loaded), tuple(failed))


def read_theme(path: Path) -> Theme:
    """Read one theme. Raise `ConfigFailure` with the file, the key and the value."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFailure(f"{path.name}: this theme cannot be read: {error}") from error
    data = _flat(text) or _yaml(path, text)
    if not isinstance(data, dict):
        raise ConfigFailure(f"{path.name}: a theme is a mapping of names to colours")
    return _theme(path, {str(k): v for k, v in data.items()})


def _flat(text: str) -> dict[str, Any] | None:
    """Parse the simple YAML of most themes. Return None for other YAML, which the whole parser reads.

    The import of the whole parser costs 19 ms, and no prompt is painted before its theme is read.
    """
    made: dict[str, Any] = {}
    inner = made
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if not found or found[4] in _CLEVER:
            return None
        indent, key, quoted, word = found.groups()
        if not indent:
            inner = made
        if quoted is None and not word:
            inner = made[key] = {}
        else:
            inner[key] = quoted if quoted is not None else {"true": True, "false": False}.get(word, word)
    return made


def _yaml(path: Path, text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigFailure(f"{path.name}: this theme cannot be read: {error}") from error


def own_variables(theme: Theme) -> dict[str, str]:
    """Return the values of ralph's variables for a theme that does not set them: from its colours."""
    made = {name: getattr(theme, source) or theme.primary for name, source in OWN.items()}
    if theme.ansi:
        return {**made, **ANSI_SHADES}
    colours = theme.to_color_system().generate()
    ink, paper = Color.parse(colours["foreground"]), Color.parse(colours["background"])
    return {**made, **{name: paper.blend(ink, part).hex for name, part in SHADES.items()}}


def _theme(path: Path, data: dict[str, Any]) -> Theme:
    for key in data:
        if key not in _KEYS:
            close = nearest(key, _KEYS, 1)
            raise ConfigFailure(
                f"{path.name}: unknown key '{key}'" + (f"; did you mean '{close[0]}'?" if close else "")
            )
    data.setdefault("name", path.stem)
    if not isinstance(data["name"], str) or not _NAME.fullmatch(data["name"]):
        raise ConfigFailure(
            f"{path.name}: name: '{data['name']}' is not a valid name: use small letters, digits and hyphens"
        )
    if "primary" not in data:
        raise ConfigFailure(f"{path.name}: primary: every theme needs this colour")
    for key in COLOURS:
        if data.get(key) is not None:
            _colour(path, key, data[key])
    _plain_values(path, data)
    variables = data.get("variables") or {}
    if not isinstance(variables, dict):
        raise ConfigFailure(f"{path.name}: variables: must be a mapping of names to colours")
    for key, value in variables.items():
        if str(key).endswith("-style"):
            _style(path, f"variables.{key}", value)
        else:
            _colour(path, f"variables.{key}", value)
    return Theme(**{**data, "variables": {str(k): str(v) for k, v in variables.items()}})


def _plain_values(path: Path, data: dict[str, Any]) -> None:
    for key in _NUMBERS:
        if key in data and (isinstance(data[key], bool) or not isinstance(data[key], int | float)):
            raise ConfigFailure(f"{path.name}: {key}: '{data[key]}' is not a number")
    for key in ("dark", "ansi"):
        if not isinstance(data.get(key, True), bool):
            raise ConfigFailure(f"{path.name}: {key}: '{data[key]}' is neither true nor false")


def _colour(path: Path, key: str, value: object) -> None:
    """Check a colour with Textual's parser. A percentage after the colour is its opacity. Raise `ConfigFailure`."""
    try:
        Color.parse(_PERCENT.sub("", str(value)))
    except ColorParseError as error:
        raise ConfigFailure(f"{path.name}: {key}: '{value}' is not a colour") from error


def _style(path: Path, key: str, value: object) -> None:
    odd = [word for word in str(value).split() if word not in _STYLES]
    if odd or not str(value).strip():
        raise ConfigFailure(f"{path.name}: {key}: '{value}' is not a style; use words of {', '.join(sorted(_STYLES))}")
