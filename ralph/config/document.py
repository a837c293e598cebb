"""A YAML file as values that remember their line, with `${NAME}` expanded: the input of the checker."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure
from ralph.core.masking import Secrets, is_secret_name, looks_random, shapes

# Far more than any configuration; the bound for a device without an end.
MAX_BYTES = 4 * 1024 * 1024
# Seconds that a pipe may be silent.
PIPE_S = 5.0

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@frozen
class Value(Data):
    """A scalar as written (`null` is None), a list, or a mapping, with its line in the file."""

    line: int
    content: str | list[Value] | dict[str, Value] | None
    quoted: bool = False

    @property
    def plain(self) -> bool:
        """Return whether the value is a number, or a word that is clearly no secret."""
        return isinstance(self.content, str) and bool(
            re.fullmatch(r"-?[\d._]{0,9}|true|false|yes|no|on|off", self.content)
        )

    @property
    def shown(self) -> str:
        """Return the value for a sentence: a word as written, unless it may be a misplaced key."""
        match self.content:
            case None:
                return "nothing"
            case str():
                return quote_word(self.content)
            case list():
                return "a list"
            case _:
                return "a mapping"


def quote_word(word: str) -> str:
    """Return a quoted word of a file or a variable; for a possible key or password only its length."""
    if len(word) > 60 or looks_random(word) or shapes(word) != word:
        return f"a text of {len(word)} characters"
    return f"'{word}'"


def learn(document: Value, secrets: Secrets, name: str = "") -> None:
    """Teach `secrets` the values at names that say so, and the passwords of addresses, wherever they are."""
    match document.content:
        case str():
            if is_secret_name(name):
                secrets.learn(document.content)
            if "@" in document.content:
                secrets.learn_url(document.content)
        case list():
            for item in document.content:
                learn(item, secrets, name)
        case dict():
            for key, item in document.content.items():
                learn(item, secrets, key)
        case _:
            pass


def leaves(document: Value, where: str = "") -> Iterator[str]:
    """Yield the dotted key of everything that the file sets."""
    if isinstance(document.content, dict) and document.content:
        for key, item in document.content.items():
            yield from leaves(item, f"{where}.{key}" if where else key)
    elif where:
        yield where


def read(path: Path, environ: Mapping[str, str]) -> Value | None:
    """Return the file's top mapping, or None for an empty file. Raises `ConfigFailure` with file and line."""
    import yaml

    try:
        text = _bytes(path).decode("utf-8-sig")
    except OSError as error:
        raise ConfigFailure(f"{path} could not be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigFailure(f"{path} is not UTF-8 text: byte {error.start}") from error
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        why = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        why = re.sub(r"'[^']{2,}'", "'…'", str(why))  # a name from the file, which may be a key
        raise ConfigFailure(f"{where}: invalid YAML: {why}") from None
    except RecursionError as error:
        raise ConfigFailure(f"{path} is nested too deeply") from error
    return _value(path, node, environ) if node is not None else None


def _bytes(path: Path) -> bytes:
    """Return the whole file. Waiting for a pipe and reading an endless device are bounded. Raises `OSError`."""
    if stat.S_ISFIFO(path.stat().st_mode) and sys.platform != "win32":
        data = _from_pipe(path)
    else:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ConfigFailure(f"{path} has more than {MAX_BYTES // 1024**2} MiB; a configuration file may not be larger")
    return data


def _from_pipe(path: Path) -> bytes:
    """Read a pipe. Opening one without a writer would block for ever, and no signal would be handled."""
    import select

    descriptor, data = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), b""
    try:
        while len(data) <= MAX_BYTES:
            if not select.select([descriptor], [], [], PIPE_S)[0]:
                raise ConfigFailure(f"{path} is a pipe, and nothing came from it within {PIPE_S:g} s")
            part = os.read(descriptor, 65536)
            if not part:
                break
            data += part
    finally:
        os.close(descriptor)
    return data


def _value(path: Path, node: object, environ: Mapping[str, str]) -> Value:
    import yaml

    if isinstance(node, yaml.MappingNode):
        return Value(node.start_mark.line + 1, _mapping(path, node, environ))
    if isinstance(node, yaml.SequenceNode):
        return Value(node.start_mark.line + 1, [_value(path, item, environ) for item in node.value])
    if not isinstance(node, yaml.ScalarNode):
        raise ConfigFailure(f"{path}: this file uses YAML that ralph does not read")
    line = node.start_mark.line + 1
    if node.tag.endswith(":null"):
        return Value(line, None)
    return Value(line, expand(node.value, environ), quoted=node.style in ("'", '"', "|", ">"))


def _mapping(path: Path, node: object, environ: Mapping[str, str]) -> dict[str, Value]:
    made: dict[str, Value] = {}
    for key, item in node.value:  # type: ignore[attr-defined]
        name = str(key.value)
        if name in made:
            raise ConfigFailure(f"{path}:{key.start_mark.line + 1}: the key {quote_word(name)} appears a second time")
        made[name] = _value(path, item, environ)
    return made


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Expand `${NAME}` and `${NAME:-default}`; an unset name is empty, and an empty one takes the default."""
    return _VARIABLE.sub(lambda m: environ.get(m[1], "") or m[2] or "", text)
