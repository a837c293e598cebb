"""What every record is: equal by its fields, told by them, and never changed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, field, replace

import pytest

from ralph.core.data import Data, frozen


@frozen
class Pair(Data):
    first: int
    second: str = ""
    hidden: str = field(default="", repr=False)
    aside: int = field(default=0, compare=False)


@frozen
class Other(Data):
    first: int
    second: str = ""
    hidden: str = field(default="", repr=False)
    aside: int = field(default=0, compare=False)


@frozen
class Bare(Data):
    pass


@frozen
class Listed(Data):
    items: list[int]


def test_equal_by_fields_and_class() -> None:
    assert Pair(1, "a") == Pair(1, "a", aside=7)
    assert Pair(1, "a") != Pair(1, "b")
    assert Pair(1, "a") != Other(1, "a")
    assert Pair(1) != (1, "", "")
    assert Bare() == Bare()
    assert Listed([1]) == Listed([1])


def test_equal_ones_have_one_hash() -> None:
    assert len({Pair(1, "a"), Pair(1, "a"), Pair(2, "a"), Bare(), Bare()}) == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(Listed([1]))


def test_what_is_hidden_is_not_shown() -> None:
    assert repr(Pair(1, "a", "secret")) == "Pair(first=1, second='a', aside=0)"
    assert repr(Bare()) == "Bare()"


def test_nothing_is_changed() -> None:
    pair = Pair(1)
    with pytest.raises(FrozenInstanceError):
        pair.first = 2  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        pair.third = 3  # type: ignore[attr-defined]
    assert replace(pair, first=2) == Pair(2)
    match pair:
        case Pair(first, _):
            assert first == 1
