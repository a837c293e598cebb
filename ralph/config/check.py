"""Checks values against the type hints of the frozen settings; every mistake names its place."""

from __future__ import annotations

import types
from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ralph.config.document import Value, quote_word
from ralph.config.rule_settings import Example, RuleSetting
from ralph.config.settings import Written
from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure, nearest
from ralph.core.llm.request import Role

_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


@frozen
class Checker(Data):
    """Checks the values of one file; `where` in its methods is the dotted key."""

    path: Path

    def fail(self, value: Value, where: str, wanted: str) -> ConfigFailure:
        """Return the failure. Below `providers` and `mcp` no text is quoted: any text there may be a key."""
        secret = isinstance(value.content, str) and where.startswith(("providers", "mcp")) and not value.plain
        shown = f"a text of {len(str(value.content))} characters" if secret else value.shown
        return ConfigFailure(f"{self.path}:{value.line}: {describe_key(where)}: found {shown}, but it takes {wanted}")

    def mapping(self, value: Value, where: str) -> dict[str, Value]:
        if value.content is None:
            return {}
        if not isinstance(value.content, dict):
            raise self.fail(value, where, "a mapping of keys to values")
        return value.content

    def check_key(self, value: Value, where: str, key: str, valid: Collection[str]) -> None:
        """Raise for a key that is not valid, naming the nearest valid key."""
        if key not in valid:
            near = nearest(key, valid, 1)
            close = near or sorted(valid)
            shown = (
                describe_key(key) if near or not where.startswith("providers") else f"a name of {len(key)} characters"
            )
            there = f"the nearest is '{close[0]}'" if len(close) == 1 else f"there is {', '.join(close)}"
            raise ConfigFailure(
                f"{self.path}:{value.line}: {describe_key(where)}{shown}: there is no such key; {there}"
            )

    def section(self, cls: Any, value: Value, where: str) -> Any:
        """Return a settings class from a mapping; missing keys have their defaults."""
        hints = get_type_hints(cls)
        valid = [f.name for f in fields(cls)]
        made = {}
        for key, item in self.mapping(value, where).items():
            self.check_key(item, f"{where}." if where else "", key, valid)
            made[key] = self.read(hints[key], item, f"{where}.{key}" if where else key)
        return cls(**made)

    def read(self, hint: Any, value: Value, where: str) -> Any:
        """Return one value of this type."""
        origin = get_origin(hint)
        if origin in (Union, types.UnionType):
            options = [o for o in get_args(hint) if o is not type(None)]
            if isinstance(value.content, dict) and len(options) > 1:
                return self._by_role(value, where)
            return None if value.content in (None, "") else self.read(options[0], value, where)
        if origin is tuple:
            rules = get_args(hint)[0] == str | RuleSetting
            return self._rules(value, where) if rules else self._words(value, where)
        if origin is Literal:
            return self._choice(get_args(hint), value, where)
        if origin is Mapping:
            return {key: self._read_written(item, f"{where}.{key}") for key, item in self.mapping(value, where).items()}
        if isinstance(value.content, list | dict):
            raise self.fail(value, where, "one value")
        return self._scalar(hint, value, where)

    def _scalar(self, hint: Any, value: Value, where: str) -> Any:
        text = value.content
        if hint is str:
            return "" if text is None else text
        if hint is bool:
            return self._bool(value, where)
        try:
            number = hint(text)
        except (TypeError, ValueError) as error:
            raise self.fail(value, where, "a whole number" if hint is int else "a number") from error
        if not 0 <= number < float("inf"):
            raise self.fail(value, where, "a number that is not negative")
        return number

    def _read_written(self, value: Value, where: str) -> Written:
        """Return one word or a list of them, whose validity other code knows."""
        words = self._words(value, where) if isinstance(value.content, list) else (self.read(str, value, where),)
        return Written(",".join(words), value.line)

    def _bool(self, value: Value, where: str) -> bool:
        word = str(value.content).lower()
        if word not in (*_TRUE, *_FALSE):
            raise self.fail(value, where, "true or false")
        return word in _TRUE

    def _words(self, value: Value, where: str) -> tuple[str, ...]:
        if value.content in (None, ""):
            return ()
        if not isinstance(value.content, list):
            raise self.fail(value, where, "a list")
        return tuple(str(self.read(str, item, f"{where}[{n}]")) for n, item in enumerate(value.content))

    def _rules(self, value: Value, where: str) -> tuple[RuleSetting, ...]:
        """Return the rules of a list, each a text or a mapping with its examples."""
        if value.content in (None, ""):
            return ()
        if not isinstance(value.content, list):
            raise self.fail(value, where, "a list of rules")
        return tuple(self._rule(item, f"{where}[{n}]") for n, item in enumerate(value.content))

    def _rule(self, value: Value, where: str) -> RuleSetting:
        if not isinstance(value.content, dict):
            return RuleSetting(str(self.read(str, value, where)), line=value.line)
        made: dict[str, Any] = {}
        for key, item in self.mapping(value, where).items():
            self.check_key(item, f"{where}.", key, ("rule", "match", "not_match", "network"))
            made[key] = self._examples(item, f"{where}.{key}") if key.endswith("match") else item
        if "rule" not in made:
            raise self.fail(value, where, "a mapping with the key rule")
        network = self._bool(made.pop("network"), f"{where}.network") if "network" in made else False
        made["rule"] = str(self.read(str, made["rule"], f"{where}.rule"))
        return RuleSetting(**made, network=network, line=value.line)

    def _examples(self, value: Value, where: str) -> tuple[Example, ...]:
        if not isinstance(value.content, list):
            raise self.fail(value, where, "a list of examples, each a text, or a list of an argv")
        return tuple(
            self._words(item, f"{where}[{n}]")
            if isinstance(item.content, list)
            else str(self.read(str, item, f"{where}[{n}]"))
            for n, item in enumerate(value.content)
        )

    def _by_role(self, value: Value, where: str) -> dict[str, tuple[str, ...]]:
        """Return a list for each role."""
        made = {}
        for key, item in self.mapping(value, where).items():
            self.check_key(item, f"{where}.", key, get_args(Role))
            made[key] = self._words(item, f"{where}.{key}")
        return made

    def _choice(self, words: tuple[str, ...], value: Value, where: str) -> str:
        text = value.content
        if isinstance(text, str) and text.lower() in words:
            return text.lower()
        raise self.fail(value, where, f"one of {', '.join(words)}")

    def free(self, value: Value, default: Any, where: str) -> Any:
        """Return a value of the same kind as this default, for options that a provider's file declares."""
        if isinstance(default, bool):
            return self._bool(value, where)
        if isinstance(default, int | float):
            return self._scalar(type(default), value, where)
        if isinstance(default, tuple | list):
            return self._words(value, where)
        if isinstance(default, Mapping):
            return {k: _plain(v) for k, v in self.mapping(value, where).items()}
        return self._scalar(str, value, where)


def describe_key(where: str) -> str:
    """Return a dotted key for a sentence, without names in it that may be keys to a service."""
    return ".".join(part if quote_word(part) == f"'{part}'" else "…" for part in where.split("."))


def _plain(value: Value) -> Any:
    """Return a free-form value: numbers and words as YAML would read them."""
    import yaml

    match value.content:
        case dict():
            return {k: _plain(v) for k, v in value.content.items()}
        case list():
            return [_plain(v) for v in value.content]
        case str() if not value.quoted:
            return yaml.safe_load(value.content) if value.content else ""
        case _:
            return value.content
