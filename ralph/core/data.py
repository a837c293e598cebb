"""Frozen data: what every record of the house is, made a dataclass only when it is first used.

`dataclass` writes and compiles a constructor and its guards for each class; with two hundred classes that is a tenth of
the time to the first paint, and most of them are not used until much later. So a record waits with it until its first
instance is made or its fields are asked for; what all records share stands here once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, FrozenInstanceError, dataclass, field, fields
from functools import cache
from operator import attrgetter
from threading import RLock
from typing import Any, ClassVar, TypeVar, dataclass_transform

T = TypeVar("T")

# Two threads may make the first instance of a record at the same time; making a class makes its bases, too.
_making = RLock()


class _Later:
    """Stands for the fields of a record that is not made yet."""

    def __get__(self, _: object, cls: Any) -> dict[str, Field[Any]]:
        _make(cls)
        found: dict[str, Field[Any]] = cls.__dataclass_fields__
        return found


_LATER = _Later()


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A frozen dataclass; it inherits from `Data`."""
    made: Any = cls
    made.__init__ = _first
    made.__dataclass_fields__ = _LATER
    return cls


class Data:
    """Equal if of the same class with equal fields; shown by name and value, but for what is not to be shown."""

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
    """The constructor of a record that is not made yet."""
    _make(type(self))
    self.__init__(*values, **named)


def _make(cls: Any) -> None:
    """Give a record what `dataclass` makes for it.

    It is made on a twin and then taken over, the constructor last: `dataclass` keeps a constructor that is there, and
    while it is taken away another thread would find that of a base.
    """
    with _making:
        if vars(cls).get("__init__") is not _first:
            return
        own = {k: v for k, v in vars(cls).items() if v is not _first and v is not _LATER and k not in _OF_INSTANCES}
        twin: Any = dataclass(frozen=True, eq=False, repr=False)(type(cls.__name__, cls.__bases__, own))
        for name in own.keys() - vars(twin).keys():  # a default that is made anew each time
            delattr(cls, name)
        for name in (*(own.keys() & twin.__dataclass_fields__.keys() & vars(twin).keys()), *_MADE):
            setattr(cls, name, vars(twin)[name])


# What each class gets of its own, so that its instances can have attributes and be referred to weakly.
_OF_INSTANCES = frozenset(("__dict__", "__weakref__"))
# What is taken over.
_MADE = ("__match_args__", "__dataclass_params__", "__dataclass_fields__", "__init__")
