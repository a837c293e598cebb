"""A model by a part of its name: the one that holds it, else the preferred one, else a sentence with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ralph.core.errors import Failure
from ralph.core.llm.refs import parse_ref
from ralph.session.models.names import ConnectedModels

PREFERRED = {"anthropic": ["haiku-5", "sonnet-5"], "groq": ["oss-20b", "oss-120b"], "hub": ["oss-120b"], "local": []}
TABLE = {"anthropic": ["opus-4-8", "opus-5", "opus-5-5", "opus-4", "sonnet-4", "haiku-5"], "groq": ["llama3.2:3b"]}
USED = {"local": ["qwen-tiny"], "anthropic": ["fable-1"]}


def names(*connected: str, listed: Mapping[str, Sequence[str]] | None = None) -> ConnectedModels:
    return ConnectedModels(
        lambda: connected,
        lambda name: PREFERRED[name],
        lambda name: (listed or {}).get(name, ()),
        lambda name: TABLE.get(name, ()),
        lambda name: USED.get(name, ()),
    )


def meant(text: str, *connected: str, listed: Mapping[str, Sequence[str]] | None = None) -> str:
    return str(
        parse_ref(text, ("anthropic", "groq", "hub", "local"), {"fast": "groq:m"}, names(*connected, listed=listed))
    )


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("sonnet", "anthropic:sonnet-5"),  # one of two is preferred
        ("SONNET", "anthropic:sonnet-5"),
        ("sonnet-4", "anthropic:sonnet-4"),  # the whole name goes before a part of others
        ("opus-4", "anthropic:opus-4"),
        ("opus-4-", "anthropic:opus-4-8"),  # one holds it
        ("fable", "anthropic:fable-1"),  # used before
        ("llama3.2:3b", "groq:llama3.2:3b"),  # a colon, and no provider before it
        ("qwen", "local:qwen-tiny"),
        ("fast", "groq:m"),  # an alias goes first
        ("anthropic:sonnet", "anthropic:sonnet"),  # a provider goes before all
        ("anthropic", "anthropic:"),
    ],
)
def test_the_one_model_that_is_meant(text: str, ref: str) -> None:
    assert meant(text, "anthropic", "groq", "local") == ref


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("opus", "'opus' may mean anthropic:opus-5-5, anthropic:opus-5, anthropic:opus-4-8 and 1 more; write one"),
        ("oss", "'oss' may mean groq:oss-120b, groq:oss-20b; write one of them"),
        ("nope", "there is no model 'nope': write provider:model, for example anthropic:haiku-5, anthropic:sonnet-5"),
        (
            "sonet",
            "there is no model 'sonet': write provider:model, for example anthropic:sonnet-5, anthropic:sonnet-4",
        ),
        ("fsat", "there is no model 'fsat'; did you mean fast?"),
        ("antropic:x", "there is no provider 'antropic'; did you mean anthropic:x?"),
        ("nobody:x", "there is no provider 'nobody': write provider:model, for example"),
        ("anthropic:", "'anthropic:' names no model"),
        ("s", "there is no model 's'"),
        ("", "there is no model ''"),
    ],
)
def test_what_cannot_be_told_is_answered_with_names(text: str, told: str) -> None:
    with pytest.raises(Failure) as failed:
        meant(text, "anthropic", "groq")
    assert failed.value.message.startswith(told)


def test_two_providers_that_prefer_the_same_model_are_both_named() -> None:
    with pytest.raises(Failure, match="groq:oss-120b, hub:oss-120b"):
        meant("120b", "groq", "hub")


def test_only_connected_providers_have_models() -> None:
    with pytest.raises(Failure, match="for example groq:oss-20b, groq:oss-120b"):
        meant("sonnet", "groq")
    with pytest.raises(Failure, match=r"for example ollama:llama3\.2:3b"):
        meant("sonnet")


def test_a_providers_own_list_goes_before_the_price_table() -> None:
    assert meant("opus", "anthropic", listed={"anthropic": ["opus-5-5-20260901", "sonnet-5"]}) == (
        "anthropic:opus-5-5-20260901"
    )
