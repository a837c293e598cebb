"""Keys and passwords in text: known ones in every writing, unknown ones by their shape; and nothing else."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.errors import Failure, Kind
from ralph.core.llm.request import Piece
from ralph.core.log.events import Note, ToolRequested
from ralph.core.masking import Hiding, Secrets, is_secret_name, looks_random, shapes

R = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
HIDDEN = (
    f"sk-{R}", f"sk-ant-api03-{R}-AA", f"sk-proj-{R}", f"gsk_{R}", f"hf_{R}", f"xai-{R}", f"pplx-{R}", f"r8_{R}",
    f"AIza{R[:35]}", f"ghp_{R[:36]}", f"github_pat_{R}", "AKIAIOSFODNN7EXAMPLE", f"xoxb-123456789012-{R}",
    f"glpat-{R[:20]}", f"nvapi-{R}", f"npm_{R[:36]}", f"hvs.{R}", f"SG.{R[:22]}.{R}", f"sk_live_{R[:24]}",
    f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{R}.{R}",
)  # fmt: skip
AROUND = ("{}", "the key {} was refused", "'{}'", '{{"error": "bad {}"}}', "key={}", "({})", "was {}.", "a\n{}\nb")


@pytest.mark.parametrize("key", HIDDEN)
def test_the_key_of_a_vendor_is_known_by_its_shape(key: str) -> None:
    for around in AROUND:
        masked = shapes(around.format(key))
        assert key not in masked
        assert R[:12] not in masked
        assert "***" in masked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http://user:pass@host:1/v1", "http://***@host:1/v1"),
        ("POST https://tok3n@host/v1", "POST https://***@host/v1"),
        ("socks5://u:p%40ss@h", "socks5://***@h"),
        ("http://u:p/w#x@h:1/y", "http://***@h:1/y"),
        ("http://u:p@ss@h/", "http://***@h/"),
        ("http:\\/\\/u:p1@h", "http:\\/\\/***@h"),
        ("proxy user:pa55word@proxy.corp:3128 failed", "proxy ***@proxy.corp:3128 failed"),
        ("https://h/v1?api_key=abc&x=1", "https://h/v1?api_key=***&x=1"),
        ("https://h/?x=1&sig=abc%3D&key=k#z", "https://h/?x=1&sig=***&key=***#z"),
        ("Authorization: Bearer abc-def", "Authorization: Bearer ***"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", "{'authorization': 'Basic ***'}"),
        ('{"x-api-key": "zzz111"}', '{"x-api-key": "***"}'),
        ("api-key=abcd and password: hunter2", "api-key=*** and password: ***"),
        ("run --token abcdef now", "run --token *** now"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAA\n-----END RSA PRIVATE KEY-----\nrest", "***\nrest"),
        ('{"k": "-----BEGIN PRIVATE KEY-----\\nMIIEow"}', '{"k": "***"}'),
        ("Incorrect API key provided: sk-ab****wxyz.", "Incorrect API key provided: ***"),
    ],
)
def test_what_stands_where_a_secret_stands(text: str, left: str) -> None:
    assert shapes(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "anthropic:claude-sonnet-4-5-20250929", "vertex:claude-opus@20250929", "https://mastodon.social/@bob",
        "http://127.0.0.1:11434/v1", "git@github.com:org/repo", "the bearer token was wrong", "basic authentication",
        "risk-analysis, disk-usage and task-force-x", "hf_hub_download and sk-learn",
        "openai has no key: set OPENAI_API_KEY, or providers.openai.api_key in the config",
        "c.yaml:2: providers.openai.api_key: found a list, but it takes one value",
        "meet at 10:30@home", "a1B2c3D4", "https://h/v1?model=x&q=token", "check its api_key",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert shapes(text) == text


def test_a_long_text_costs_no_more_than_its_length() -> None:
    """Each repeats what begins a shape: a search that began anew at each would take minutes."""
    for part in ("http://", "a:b", "key-_", "password:", "x@a:b", "eyJaaaaaaa", "-----BEGIN PRIVATE KEY-----", "sk-"):
        shapes(part * (200_000 // len(part)))


SECRET = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=10, max_size=40).filter(
    lambda s: s.strip() == s and len(set(s)) > 6
)


@given(SECRET)
def test_a_known_one_is_hidden_in_every_writing(secret: str) -> None:
    secrets = Secrets([secret])
    encoded = base64.b64encode(secret.encode()).decode()
    for writing in (
        secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1], encoded, encoded.rstrip("="),
    ):  # fmt: skip
        assert secrets.hide(f"<<{writing}>>") == "<<***>>"


@given(SECRET, st.text(max_size=20), st.text(max_size=20), st.data())
def test_one_that_is_cut_into_pieces_is_hidden_too(secret: str, before: str, after: str, data: st.DataObject) -> None:
    secrets, whole = Secrets([secret]), before + secret + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    hiding = Hiding(secrets)
    pieces = [hiding.feed(whole[a:b]) for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    shown = "".join(pieces) + hiding.end()
    assert secret not in shown
    assert shown.startswith(before[:1]) or not before or secret in (before + secret)[: len(secret)]


@given(st.text(max_size=60), st.data())
def test_a_text_without_one_comes_whole(text: str, data: st.DataObject) -> None:
    hiding = Hiding(Secrets(["sk-zzzz-never-in-there", "tttttttttt9"]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [hiding.feed(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(pieces) + hiding.end() == text


def test_data_is_hidden_wherever_it_stands_and_is_itself_where_there_is_nothing() -> None:
    secrets = Secrets(["hunter2-hunter2"])
    call = ToolRequested("c", "a", "files", {"path": ["x/hunter2-hunter2"], "hunter2-hunter2": 1}, "read")
    hidden = secrets.hide_in(call)
    assert hidden.arguments == {"path": ["x/***"], "***": 1}
    note = Note("x", "nothing here", "1.2", {"n": 1.5})
    assert secrets.hide_in(note) is note
    assert secrets.hide_in(Piece("text", "hunter2-hunter2")) == Piece("text", "***")


def test_what_people_write_where_no_key_is_needed_is_no_secret() -> None:
    secrets = Secrets(["ollama", "not-needed", "EMPTY", "none", "x"])
    assert secrets.hide("ollama is not-needed: EMPTY none x") == "ollama is not-needed: EMPTY none x"


def test_the_environment_tells_what_is_secret() -> None:
    secrets = Secrets()
    secrets.learn_environment({
        "OPENAI_API_KEY": " 'plainwords-as-key' ", "SOME_TOKEN": "abcd-efgh-ijkl", "SSH_KEY": "/home/me/key",
        "KEYBOARD": "us-qwerty-1234", "http_proxy": "http://u:pr0xy-pass@p:1", "EDITOR": "vim",
    })  # fmt: skip
    hidden = secrets.hide("plainwords-as-key abcd-efgh-ijkl /home/me/key us-qwerty-1234 pr0xy-pass vim")
    assert hidden == "*** *** /home/me/key us-qwerty-1234 *** vim"
    assert secrets.hide("Basic " + base64.b64encode(b"u:pr0xy-pass").decode()) == "Basic ***"


def test_names_and_words() -> None:
    for name in ("api_key", "OPENAI_API_KEY", "Authorization", "x-api-key", "client_secret", "password", "HF_TOKEN"):
        assert is_secret_name(name), name
    for name in ("max_tokens", "keys", "keyboard", "model", "theme", "tokens_per_minute", "passages"):
        assert not is_secret_name(name), name
    assert looks_random("tr0ub4dor3x")
    assert looks_random("a" * 20)
    assert not looks_random("claude-sonnet-4-5")
    assert not looks_random("a plain sentence of some words")


def test_every_failure_is_one_clean_line_without_a_key() -> None:
    failure = Failure(Kind.AUTH, f"one\ntwo \x1b[31m\u202e sk-{R} http://u:p@h")
    assert failure.message == str(failure) == "one two  *** http://***@h"
