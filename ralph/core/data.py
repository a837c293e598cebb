"""Frozen data: the base of every record. A record becomes a dataclass only when it is first used.

`dataclass` writes and compiles a constructor and its guards for each class. For two hundred classes this is a tenth of
the time to the first paint, and most classes are used much later. So a record waits until its first instance is made or
its fields are read. Its constructor is compiled when several instances were made: many records have only one in a run.
The methods that all records share are defined here once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from functools import cache
from operator import attrgetter
from threading import RLock
from typing import Any, ClassVar, TypeVar, dataclass_transform

T = TypeVar("T")

# A record compiles its constructor after this many instances. A compiled one is three times as fast, but its
# compilation costs as much as 30 to 60 instances.
_UNCOMPILED = 8

# Two threads may create the first instance of a record at the same time; completing a class also completes its bases.
_making = RLock()


class _Later:
    """Stands for the fields of a record that is not complete yet."""

    def __get__(self, _: object, cls: Any) -> dict[str, Field[Any]]:
        _make(cls)
        found: dict[str, Field[Any]] = cls.__dataclass_fields__
        return found


_LATER = _Later()


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a frozen dataclass of a class that inherits from `Data`."""
    made: Any = cls
    made.__init__ = _first
    made.__dataclass_fields__ = _LATER
    return cls


class Data:
    """A record. Equal if class and fields are equal; its repr has names and values, except for hidden fields."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        values = self._values()
        return bool(values(self) == values(other))

    def __hash__(self) -> int:
        return hash(self._values()(self))

    def __repr__(self) -> str:
        shown = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
        return f"{type(self).__qualname__}({shown})"

    @classmethod
    def _values(cls) -> Callable[[Any], Any]:
        made: Any = cls
        return _getter(made)


@cache
def _getter(cls: Any) -> Callable[[Any], Any]:
    names = [f.name for f in fields(cls) if f.compare]
    return attrgetter(*names) if names else lambda _: ()


def _first(self: Any, *values: Any, **named: Any) -> None:
    """The constructor of a record that is not complete yet."""
    _make(type(self))
    self.__init__(*values, **named)


def _make(cls: Any) -> None:
    """Give a record its fields and its first constructor.

    The constructor comes last: until then other threads that create an instance come here too, and wait.
    """
    with _making:
        if vars(cls).get("__init__") is not _first:
            return
        cls.__doc__ = cls.__doc__ or cls.__name__  # else `dataclass` writes one from the signature, which is slow
        dataclass(init=False, eq=False, repr=False)(cls)
        cls.__init__ = _first_constructor(cls)


def _first_constructor(cls: Any) -> Any:
    """Return a constructor that needs no compilation. After some instances, or for wrong arguments, it compiles one."""
    names = tuple(f.name for f in fields(cls))
    defaults = {f.name: f.default for f in fields(cls) if f.default is not MISSING}
    factories = {f.name: f.default_factory for f in fields(cls) if f.default_factory is not MISSING}
    left = _UNCOMPILED

    def construct(self: Any, /, *values: Any, **named: Any) -> None:
        nonlocal left
        left -= 1
        given = {**defaults, **dict(zip(names, values, strict=False)), **named}
        for name, make in factories.items():
            if name not in given:
                given[name] = make()
        twice = len(values) > len(names) or not named.keys().isdisjoint(names[: len(values)])
        if twice or given.keys() != set(names) or left < 0:
            if vars(cls)["__init__"] is construct:
                cls.__init__ = _constructor(cls)
            cls.__init__(self, *values, **named)  # raises the usual `TypeError` for wrong arguments
            return
        for name in names:
            object.__setattr__(self, name, given[name])

    construct.__qualname__ = f"{cls.__qualname__}.__init__"
    return construct


def _constructor(cls: Any) -> Any:
    """Return the constructor that `dataclass` would write, in a fifth of the time."""
    names: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    parameters, body = ["self"], []
    for made in fields(cls):
        name, value, default = made.name, made.name, ""
        if made.default_factory is not MISSING:
            names[f"_new_{name}"] = made.default_factory
            value, default = f"_new_{name}() if {name} is _MISSING else {name}", "=_MISSING"
        elif made.default is not MISSING:
            names[f"_default_{name}"] = made.default
            default = f"=_default_{name}"
        parameters.append(name + default)
        body.append(f"_set(self, {name!r}, {value})")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body or ["pass"]), names)  # noqa: S102 - our own names
    made = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made
