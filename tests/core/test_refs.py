"""Model refs as people write them, alone and in pools."""

from __future__ import annotations

import pytest

from ralph.core.errors import Failure
from ralph.core.llm.refs import ModelRef, Pool, parse_ref

KNOWN = ("groq", "work", "ollama")
A, B = ModelRef("groq", "m"), ModelRef("work", "m:1")


def test_an_alias_of_several_is_a_pool_by_its_name() -> None:
    pool = parse_ref("fast", KNOWN, {"fast": ("groq:m", "work:m:1")})
    assert isinstance(pool, Pool)
    assert (str(pool), pool.each) == ("fast", (A, B))
    assert (pool.provider, pool.model) == ("groq", "m")
    assert pool != A


def test_a_pool_may_be_made_of_aliases_and_each_counts_once() -> None:
    aliases = {"fast": ("one", "other", "groq:m"), "one": "groq:m", "other": ("work:m:1", "groq:m")}
    assert parse_ref("fast", KNOWN, aliases).each == (A, B)


def test_a_list_of_one_is_that_one() -> None:
    assert parse_ref("fast", KNOWN, {"fast": ("groq:m", "groq:m")}) == A
    assert A.each == (A,)


@pytest.mark.parametrize("aliases", [{"fast": ("fast",)}, {"fast": ("a",), "a": ("fast",)}, {"fast": ("groq:m", "no")}])
def test_a_pool_of_nothing_known_says_so(aliases: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(Failure, match="there is no model"):
        parse_ref("fast", KNOWN, aliases)


def test_what_is_no_ref_is_answered_with_one_that_could_be() -> None:
    with pytest.raises(Failure, match=r"there is no model .wrk.; did you mean work:MODEL\?$"):
        parse_ref("wrk", KNOWN, {})
