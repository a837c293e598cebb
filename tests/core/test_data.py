"""What every record is: equal by its fields, told by them, and never changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import MISSING, FrozenInstanceError, field, fields, is_dataclass, replace
from threading import Barrier
from typing import ClassVar

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


@frozen
class Triple(Pair):
    third: int = 3
    later: list[int] = field(default_factory=list)


def test_one_that_inherits_has_its_own_fields() -> None:
    assert repr(Triple(1)) == "Triple(first=1, second='', aside=0, third=3, later=[])"
    assert Triple(1).later is not Triple(1).later
    assert Triple(1) != Pair(1)


def test_one_that_nobody_made_yet_knows_its_fields() -> None:
    @frozen
    class Fresh(Data):
        kind: ClassVar[str] = "fresh"
        first: int
        second: str = "two"
        many: tuple[int, ...] = field(default=(), repr=False)

    assert is_dataclass(Fresh)
    assert [(f.name, f.default) for f in fields(Fresh)] == [("first", MISSING), ("second", "two"), ("many", ())]
    with pytest.raises(TypeError, match="first"):
        Fresh()  # type: ignore[call-arg]
    assert repr(Fresh(1)) == f"{Fresh.__qualname__}(first=1, second='two')"


def test_many_threads_make_the_first_one() -> None:
    for _ in range(50):

        @frozen
        class Base(Data):
            first: int

        @frozen
        class Fresh(Base):
            second: int = 2

        at_once = Barrier(8)

        def make(number: int, made: type[Fresh] = Fresh, at_once: Barrier = at_once) -> Fresh:
            at_once.wait()
            return made(number)

        with ThreadPoolExecutor(8) as pool:
            assert {(r.first, r.second) for r in pool.map(make, range(8))} == {(n, 2) for n in range(8)}


@frozen
class Often(Data):
    first: int
    second: list[int] = field(default_factory=list)
    third: str = "c"


def test_a_constructor_is_the_same_before_and_after_its_compilation() -> None:
    made = [Often(1, third="d") for _ in range(20)]
    assert all(one == made[0] and list(vars(one)) == ["first", "second", "third"] for one in made)
    assert len({id(one.second) for one in made}) == 20


@pytest.mark.parametrize("instances", [0, 20])
@pytest.mark.parametrize(
    ("values", "named", "told"),
    [
        ((), {}, "missing 1 required positional argument: 'first'"),
        ((1, [], "c", 4), {}, "takes from 2 to 4 positional arguments but 5 were given"),
        ((1,), {"first": 2}, "got multiple values for argument 'first'"),
        ((1,), {"fourth": 2}, "got an unexpected keyword argument 'fourth'"),
    ],
)
def test_wrong_arguments_are_refused(
    instances: int, values: tuple[object, ...], named: dict[str, object], told: str
) -> None:
    @frozen
    class Strict(Data):
        first: int
        second: list[int] = field(default_factory=list)
        third: str = "c"

    for _ in range(instances):
        Strict(1)
    with pytest.raises(TypeError, match=told):
        Strict(*values, **named)  # type: ignore[arg-type]
    assert Strict(1).third == "c"
