"""Failures as people read them: one sentence, who, what, and never a key."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from ralph.core.errors import Kind
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._endpoint import endpoint
from ralph.providers._failures import Peer, build_refusal, build_stream_failure, silent
from ralph.providers._retry_after import find_delay, retry_after
from ralph.providers._schemas import NO_BOUNDS, without
from ralph.providers._unreached import unreachable

WHO = Peer("anthropic", "api.anthropic.com", "topsecretkey")


def _said(status: int, body: bytes) -> str:
    return build_refusal(WHO, status, {}, body).message


def test_sentences() -> None:
    assert _said(401, b'{"error":{"message":"invalid x-api-key"}}') == (
        "anthropic (api.anthropic.com) rejected the key (401): invalid x-api-key; check its api_key"
    )
    assert _said(404, b'{"error":{"message":"model: claude-9"}}') == (
        "anthropic (api.anthropic.com) answered 404: model: claude-9; `ralph models anthropic` lists those it has"
    )
    assert _said(500, b"") == "anthropic (api.anthropic.com) answered 500"
    assert _said(404, b"404 page not found") == (
        "anthropic (api.anthropic.com) answered 404: 404 page not found (is base_url right?)"
    )
    moved = build_refusal(WHO, 301, {"location": "https://elsewhere/v1"}, b"").message
    assert moved.endswith("answered 301: the address has moved to https://elsewhere/v1; set base_url to it")
    assert unreachable(WHO, "", timeout_s=5).message == "anthropic (api.anthropic.com) was not reached within 5 s"
    assert "first_token_s" in silent(WHO, 300, begun=False).message
    assert "idle_s" in silent(WHO, 90, begun=True).message


def test_words_are_cut_and_cleaned() -> None:
    long = _said(500, b"line\n" * 400)
    assert len(long) < 360
    assert "\n" not in long
    for leak in ("topsecretkey", "sk-ant-api03-abcdefg", "gsk_abcdefghijk", "Bearer abcdef.ghi"):
        assert leak not in _said(401, f"key {leak} is wrong".encode())


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"oops"', b"\xff\xfe", b'{"error": {"message": {"a": 1}}}'])
def test_strange_bodies(body: bytes) -> None:
    assert build_refusal(WHO, 500, {}, body).kind is Kind.SERVER


def test_an_error_without_words() -> None:
    assert (
        build_stream_failure(WHO, {"type": "weird"}).message
        == "anthropic (api.anthropic.com) broke off its answer: weird"
    )
    assert build_stream_failure(WHO, None).message.endswith("no reason given")


def test_the_host_without_credentials() -> None:
    where = endpoint(ProviderSettings("x", "x", base_url="http://user:pass@host:1/v1"), "")
    assert where.who.host == "host:1"
    assert "pass" not in repr(where)


def test_how_long_to_wait() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    later = format_datetime(now.replace(minute=2), usegmt=True)
    assert retry_after({"retry-after": later}, now=now) == 120.0
    assert retry_after({"retry-after": "-3"}) == 0.0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({"retry-after": "soon"}, "Please try again in 2s.") == 2.0
    assert find_delay("try again in 1m30s") == 90.0
    assert find_delay("try later") is None


def test_bounds_are_left_out_but_not_names() -> None:
    schema = {
        "type": "object",
        "maxProperties": 2,
        "properties": {"maximum": {"type": "integer", "maximum": 3}, "list": {"type": "array", "maxItems": 1}},
        "$defs": {"minLength": {"type": "string", "minLength": 1}},
        "anyOf": [{"maxLength": 1}, {"const": 2}],
    }
    assert without(schema, NO_BOUNDS) == {
        "type": "object",
        "properties": {"maximum": {"type": "integer"}, "list": {"type": "array"}},
        "$defs": {"minLength": {"type": "string"}},
        "anyOf": [{}, {"const": 2}],
    }


@pytest.mark.parametrize(
    "why",
    ["[Errno -2] Name or service not known", "[Errno 8] nodename nor servname provided, or not known",
     "[Errno -3] Temporary failure in name resolution", "[Errno 11001] getaddrinfo failed"],
)  # fmt: skip
def test_a_name_without_an_address_asks_for_the_network_and_shows_no_number(why: str) -> None:
    assert unreachable(WHO, why).message == (
        "anthropic (api.anthropic.com) cannot be reached: its name has no address here; "
        "is there a network, and is base_url right?"
    )
