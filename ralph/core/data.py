"""Frozen data: what every record of the house is, without code made anew for each class.

`dataclass` writes and compiles five methods a class; with two hundred classes that is a tenth of the time to the first
paint. What they share stands here once, so that only the constructor and the two guards are made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots; it inherits from `Data`."""
    return dataclass(frozen=True, slots=True, eq=False, repr=False)(cls)


class Data:
    """Equal if of the same class with equal fields; shown by name and value, but for what is not to be shown."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

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
