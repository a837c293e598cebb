"""A key or a password, wherever it was put and whoever sends it back, comes out of ralph nowhere."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.cli.rim import outputs
from tests.headless.ask import WIRES
from tests.wires.script import Reply
from tests.wires.server import Server

LETTERS, DIGITS = string.ascii_letters, string.digits
SIGNS = "-_.~!$%&*+=^/@:#?"


def drawn(seed: int) -> tuple[str, str]:
    """A key and a password as people and vendors make them; always the same for a seed."""
    chance = random.Random(seed)
    mark = chance.choice(("sk-", "sk-ant-", "gsk_", "", ""))  # one that is not known and has none must be long
    key = mark + "".join(chance.choices(LETTERS + DIGITS, k=chance.randint(20 if mark else 36, 48)))
    middle = "".join(chance.choices(LETTERS + DIGITS + SIGNS, k=chance.randint(8, 20)))
    return key, f"{chance.choice(LETTERS)}{middle}{chance.choice(DIGITS)}z"


# Where a person may put a key: right, and wrong in each way.
WRONG = (
    "openai: {key}", "{key}", "- {key}", "'{key}': x", "providers: {key}", "providers: {{openai: {key}}}",
    "providers: {{openai: [{key}]}}", "providers: {{openai: {{{key}: x}}}}", "providers: {{'{key}': {{kind: x}}}}",
    "providers: {{openai: {{kind: '{key}'}}}}", "providers: {{openai: {{api_key: {{a: '{key}'}}}}}}",
    "providers: {{openai: {{api: '{key}'}}}}", "providers: {{ollama: {{num_ctx: '{key}'}}}}",
    "providers: {{openai: {{api_key_command: '{key}'}}}}", "retry: {{max_s: '{key}'}}", "budget: {{day: '{key}'}}",
    "cache: {{enabled: '{key}'}}", "retry: {{after_output: '{key}'}}", "routing: '{key}'", "routing: {{'{key}': x}}",
    "prices: {{x: {{input: '{key}'}}}}", "prices: {{x: '{key}'}}", "limits: {{openai: '{key}'}}", "aliases: ['{key}']",
    "tools: {{allow: '{key}'}}", "a: [{key}", "a: *{key}", "a: !{key} x", "a: '{key}", "'{key}': 1\n'{key}': 2",
    "%TAG ! {key}\n---\na: 1", "a: \"\\{key}\"",
)  # fmt: skip


def runs_with(key: str, password: str) -> Iterator[dict[str, Any]]:
    """What a person does with a key in a wrong place: in a file, in a flag, in a variable."""
    for number in range(len(WRONG)):
        yield {"arguments": ["config", "check", "--config", f"wrong{number}.yaml"]}
    flags = (["-m", key], ["-m", f"openai {key}"], ["--route", key], ["--config", f"/nosuch/{key}"], ["-r", key])
    for flag in (*flags, ["--output", key], [f"--{key}"], ["--api-key", key], ["--timeout", key], ["--max-cost", key]):
        yield {"arguments": ["-p", "hello", "--no-save", *flag]}
    for verb in ("show", "models", "doctor", "delete", "replay", "config", "usage"):
        yield {"arguments": [verb, key]}
    proxy = f"http://me:{quote(password, safe='')}@127.0.0.1:1"
    host = f"http://me:{password}@127.0.0.1:1"
    proxies = [(name, proxy) for name in ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")]
    for name, value in (("RALPH_LLM_BUDGET", key), ("RALPH_LLM_MODEL", key), *proxies, ("OLLAMA_HOST", host)):
        for verb in (["-p", "hello", "--no-save"], ["providers", "--json"], ["doctor", "--live"]):
            yield {"arguments": verb, "environ": {name: value, "RALPH_LLM_DEBUG": "1"}}


def writings(secret: str) -> tuple[bytes, ...]:
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    made = (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], encoded, f"{secret[4:]}")
    return tuple(dict.fromkeys(one.encode() for one in made))


def found(secret: str, home: Path, *, but: tuple[str, ...]) -> list[str]:
    """The files below this folder that hold it in any writing."""
    files = [f for f in home.rglob("*") if f.is_file() and not f.name.startswith(but)]
    return [f"{f.name}: {one!r}" for f in files for one in writings(secret) if one in f.read_bytes()]


MINE = ("runs.json", "wrong", "well")


@pytest.mark.parametrize("seed", range(2))
def test_one_in_a_wrong_place_is_not_repeated(tmp_path: Path, seed: int) -> None:
    key, password = drawn(seed)
    for number, text in enumerate(WRONG):
        (tmp_path / f"wrong{number}.yaml").write_text(text.format(key=key))
    (tmp_path / "well.yaml").write_text("timeout: {connect_s: 0.3}\nretry: {max_attempts: 1}\n")
    runs = list(runs_with(key, password))
    environ = {"RALPH_DATA_DIR": str(tmp_path / "data"), "RALPH_CONFIG": "well.yaml"}
    for run, written in zip(runs, outputs(tmp_path, runs, environ), strict=True):
        for secret in (key, password):
            for one in writings(secret):
                assert one not in written, (run, written.decode())
        assert written
        assert b"Traceback" not in written, written.decode()
    for secret in (key, password):
        assert not found(secret, tmp_path, but=MINE)


def well(url: str, wire: str, key: str, password: str) -> str:
    """A configuration in which all is right, with secrets in each place that may have one."""
    entry, _ = WIRES[wire]
    address = url.replace("http://", f"http://me:{quote(password, safe='')}@")
    text = entry.format(url=address).replace("sk-test", f"'{key}'")
    text = text if "api_key" in text else text.replace("base_url", f"api_key: '{key}', base_url", 1)
    return f"providers: {text}\nretry: {{max_attempts: 1}}\n"


@pytest.mark.parametrize("wire", ["anthropic", "chat", "responses", "ollama"])
async def test_one_that_a_server_sends_back_is_not_told(tmp_path: Path, wire: str) -> None:
    """In errors, redirects, lists, answers cut anywhere, calls; with the debug log on, all stored, all shown."""
    key, password = "Zq7-own-Key.of/this+run=42", "p4ss:w@rd/With%Signs9"
    echo = f"You sent {key} and me:{password}, as {base64.b64encode(f'me:{password}'.encode()).decode()}"
    ref = WIRES[wire][1]
    server = Server(models=({"id": f"m-{key}", "window": 8192},))
    letters = tuple(echo)
    server.will(
        Reply(
            status=401, body=json.dumps({"error": {"message": echo, "type": "x"}}), times=None, when={"body": "first"}
        )
    )
    server.will(
        Reply(
            status=302,
            headers={"location": f"http://h/?key={quote(key, safe='')}"},
            times=None,
            when={"body": "second"},
        )
    )
    server.will(Reply(text=letters, thinking=letters, model=f"m-{key}", times=None, when={"body": "third"}))
    server.will(
        Reply(
            text=("some",), fault="error_event", after=1, error={"message": echo}, times=None, when={"body": "fourth"}
        )
    )
    (tmp_path / "s.txt").write_text(f"the key is {key}")
    asking = ("-m", ref, "--route", "rules", "-p")
    runs = [
        {"arguments": [*asking, f"the {word} question", "--output", output]}
        for word in ("first", "second", "third", "fourth") for output in ("text", "json", "jsonl")
    ]  # fmt: skip
    verbs = ("config show", "providers", "providers --json", "doctor", "doctor --live", "models", "models --json",
             "show last", "show last --json", "timelines --json", "usage --by model", "usage --json",
             "replay last --plain --speed max")  # fmt: skip
    runs += [{"arguments": verb.split()} for verb in verbs]
    async with server:
        (tmp_path / "well.yaml").write_text(well(server.url, wire, key, password))
        environ = {"RALPH_DATA_DIR": str(tmp_path / "data"), "RALPH_CONFIG": "well.yaml", "RALPH_LLM_DEBUG": "1"}
        written = await asyncio.to_thread(outputs, tmp_path, runs, environ)
    assert any(key in str(r.headers) or base64.b64encode(f"me:{password}".encode()).decode() in str(r.headers)
               for r in server.requests)  # fmt: skip
    answered = 0
    for run, output in zip(runs, written, strict=True):
        for one in (*writings(key), *writings(password)):
            assert one not in output, (run, output.decode())
        answered += b"You sent " in output
    assert answered >= 9, [o.decode()[:300] for o in written[:12]]
    assert (tmp_path / "data" / "ralph.log").read_text().count("***") > 2
    assert (tmp_path / "data" / "ralph.db").exists()
    for secret in (key, password):
        assert not found(secret, tmp_path, but=(*MINE, "s.txt"))
