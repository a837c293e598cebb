"""Every door to the terminal: what ralph did not make, written there, acts on nothing."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ralph.core.sanitise import ACTING
from tests.cli.rim import outputs
from tests.headless.ask import WIRES
from tests.wires.script import Reply
from tests.wires.server import Server

# Each way to act: OSC, CSI and string of 7 and 8 bits, a lone CR, BS, BEL, DEL, directions, tags, separators. It ends
# with a word, by which the door shows that it was this one.
BAD = (
    "\x1b]0;PWNED\x07\x1b[2J\x9b31m\x9d0;PWNED\x9c\x1bP1$r\x1b\\\r\x08\x7f\x00"
    "\u202e\u2066\u200f\u061c\u2028\u2029\U000e0041!END"
)
WORD = BAD.replace("\x00", "")  # what an argument or a variable can hold
RAW = re.compile(f"[{ACTING}]")


def quoted(text: str) -> str:
    """As YAML writes it in quotes."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in text) + '"'


QUOTED = quoted(BAD)
CONFIGS: Mapping[str, str] = {
    "unknown section": f"{QUOTED}: 1",
    "unknown key": f"routing: {{{QUOTED}: auto}}",
    "unknown provider key": f"providers: {{openai: {{{QUOTED}: 1}}}}",
    "a word for a number": f"retry: {{max_s: {QUOTED}}}",
    "a word for a switch": f"cache: {{enabled: {QUOTED}}}",
    "a word for a mapping": f"routing: {QUOTED}",
    "none of the words": f"retry: {{after_output: {QUOTED}}}",
    "twice": f"aliases: {{{QUOTED}: a, {QUOTED}: b}}",
    "kind": f"providers: {{mine: {{kind: {QUOTED}}}}}",
    "price": f"prices: {{{QUOTED}: {{input: {QUOTED}}}}}",
    "no yaml": "a: [" + WORD,
    "no such anchor": f"a: *{'x' * 9}",
}
ARGUMENTS: Mapping[str, list[str]] = {
    "flag": [f"--{WORD}"],
    "choice": ["-p", "x", "--output", WORD],
    "number": ["-p", "x", "--timeout", WORD],
    "amount": ["-p", "x", "--max-cost", WORD],
    "command": [WORD],
    "model": ["-p", "x", "-m", WORD],
    "model of a provider": ["-p", "x", "-m", f"nosuch{WORD}:m"],
    "config file": ["--config", WORD, "-p", "x"],
    "config file as json": ["--config", WORD, "-p", "x", "--output", "json"],
    "resume": ["-r", WORD, "-p", "x"],
    "resume without a prompt": ["-r", f"two words {WORD}"],
    "show": ["show", WORD],
    "delete": ["delete", WORD],
    "fork": ["fork", WORD],
    "rerun": ["rerun", WORD],
    "rerun as json": ["rerun", WORD, "--output", "json"],
    "replay": ["replay", WORD, "--plain"],
    "speed": ["replay", "last", "--speed", WORD],
    "idle cap": ["replay", "last", "--idle-cap", WORD],
    "turn": ["replay", "last", "--turn", WORD],
    "usage": ["usage", "--by", WORD],
    "models": ["models", WORD],
    "doctor": ["doctor", WORD],
    "config": ["config", WORD],
    "config path": ["config", "path", "--config", WORD],
    "backup": ["db", "backup", f"nosuch/{WORD}"],
}
ENVIRONS: Mapping[str, tuple[list[str], dict[str, str]]] = {
    "budget": (["-p", "x"], {"RALPH_LLM_BUDGET": WORD}),
    "model": (["-p", "x"], {"RALPH_LLM_MODEL": WORD}),
    "data": (["timelines"], {"RALPH_DATA_DIR": f"/dev/null/{WORD}"}),
    "where data is": (["db", "path"], {"RALPH_DATA_DIR": f"/tmp/{WORD}"}),
    "config": (["config", "path"], {"RALPH_CONFIG": WORD}),
    "proxy": (["-p", "x", "-m", "far:m", "--route", "rules"], {"ALL_PROXY": f"x{WORD}://h:1"}),
}


def harmless(name: str, data: bytes) -> str:
    text = data.decode("utf-8", "surrogateescape")
    assert not RAW.findall(text), (name, text)
    return text


def test_what_a_person_or_a_file_says_wrongly(tmp_path: Path) -> None:
    """Flags, arguments, variables, settings: each in the sentence that tells what is wrong with it."""
    runs: dict[str, dict[str, Any]] = {}
    for name, text in CONFIGS.items():
        (tmp_path / f"{name}.yaml").write_text(text)
        runs[f"config: {name}"] = {"arguments": ["config", "check", "--config", f"{name}.yaml"]}
    for name, arguments in ARGUMENTS.items():
        runs[f"argument: {name}"] = {"arguments": arguments}
    far = 'providers: {far: {kind: openai_compatible, base_url: "http://203.0.113.1/v1"}}'
    (tmp_path / "far.yaml").write_text(f"{far}\ntimeout: {{connect_s: 0.2}}\nretry: {{max_attempts: 1}}\n")
    for name, (arguments, environ) in ENVIRONS.items():
        runs[f"variable: {name}"] = {"arguments": arguments, "environ": {"RALPH_CONFIG": "far.yaml", **environ}}
    written = outputs(tmp_path, list(runs.values()), {"RALPH_DATA_DIR": str(tmp_path / "data")})
    silent = set()
    for name, data in zip(runs, written, strict=True):
        text = harmless(name, data)
        assert "Traceback" not in text, (name, text)
        assert text.count("\n") == 1 or text.startswith("{"), (name, text)
        if "END" not in text:
            silent.add(name)
    # Where a word may be a key it is not quoted; libyaml does not name what it cannot read, nor httpx a scheme.
    allowed = {"config: no such anchor", "config: no yaml", "config: unknown provider key", "variable: proxy"}
    assert silent <= allowed, silent


TOOLS = ({"name": "files", "arguments": {"action": "list", "path": BAD}}, {"name": BAD, "arguments": {BAD: BAD}})


DECISION = '{"tools": ["files"], "rounds": 2, "intent": "files", "difficulty": "low", "reason": "' + "r" * 30 + '"}'


def lasting(**more: Any) -> Reply:
    return Reply(times=None, **more)


async def test_what_a_server_sends(tmp_path: Path) -> None:
    """Error bodies and events, redirects, lists, names of models, answers, calls; as text, json, jsonl, and stored."""
    errors, answers = Server(models=({"id": f"m{BAD}", "window": 1},)), Server()
    said = {"message": BAD, "type": "server_error", "code": BAD}
    errors.will(lasting(status=400, body=json.dumps({"error": said}), when={"body": "ask for a refusal"}))
    errors.will(
        lasting(
            status=307,
            headers={
                "location": "http://x/?" + WORD.encode("ascii", "ignore").decode().translate(dict.fromkeys(range(32))),
            },
            when={"body": "ask elsewhere"},
        )
    )
    errors.will(lasting(text=("some",), fault="error_event", after=1, error=said, when={"body": "ask for an event"}))
    errors.will(lasting(status=418, body=BAD, when={"body": "ask for a page"}))
    errors.will(lasting(text=("x",), fault="bad_json", when={"body": "ask for nonsense"}))
    answers.will(lasting(text=tuple(BAD), thinking=(BAD,), model=f"m{BAD}", when={"body": "ask for words"}))
    answers.will(lasting(text=(DECISION,), when={"body": "You route questions"}))
    answers.will(lasting(calls=TOOLS, when={"body": "ask for tools", "without": "PWNED"}))
    answers.will(lasting(text=(BAD,), when={"body": "ask for tools"}))
    async with errors, answers:
        for wire, (entry, _) in WIRES.items():
            (tmp_path / f"{wire}.yaml").write_text(
                f"providers: {entry.format(url=errors.url)}\nretry: {{max_attempts: 1}}\n"
            )
            (tmp_path / f"{wire}-well.yaml").write_text(f"providers: {entry.format(url=answers.url)}\n")
        runs = _asking()
        written = await asyncio.to_thread(outputs, tmp_path, list(runs.values()), {"RALPH_DATA_DIR": str(tmp_path)})
    for name, data in zip(runs, written, strict=True):
        text = harmless(name, data)
        assert "Traceback" not in text, (name, text)
        assert "END" in text or "nonsense" in name or "elsewhere" in name, (name, text)
        if "json" in name:
            lines = [line for line in text.splitlines() if line.startswith(("{", "["))]
            assert lines
            assert all(json.loads(line) for line in lines)


def _asking() -> dict[str, dict[str, Any]]:
    runs: dict[str, dict[str, Any]] = {}

    def run(name: str, config: str, *arguments: str) -> None:
        runs[name] = {"arguments": list(arguments), "environ": {"RALPH_CONFIG": f"{config}.yaml"}}

    for wire, (_, ref) in WIRES.items():
        if wire == "compatible":  # the wire of chat
            continue
        how = ("-m", ref, "--route", "rules", "-p")
        for what in ("a refusal", "an event", "a page", "nonsense"):
            run(f"{wire}: {what}", wire, *how, f"ask for {what}")
        run(f"{wire}: elsewhere", wire, *how, "ask elsewhere")
        run(f"{wire}: refusal as json", wire, *how, "ask for a refusal", "--output", "json")
        run(f"{wire}: models", wire, "models", ref.partition(":")[0])
        run(f"{wire}: words", f"{wire}-well", *how, f"{WORD} ask for words")
    name = WIRES["chat"][1]
    how = ("-m", name, "--route", "rules", "--yes", "-p")
    for output in ("text", "json", "jsonl"):
        run(f"words as {output}", "chat-well", *how, "ask for words", "--output", output)
        run(
            f"tools as {output}",
            "chat-well",
            "-m",
            name,
            "--route",
            name,
            *how[4:],
            "ask for tools",
            "--output",
            output,
        )
    run("models as json", "chat", "models", "--json")
    for verb in (("timelines",), ("timelines", "--search", "PWNED"), ("show", "last"), ("usage", "--by", "model")):
        run(f"stored: {' '.join(verb)}", "chat", *verb)
        run(f"stored: {' '.join(verb)} as json", "chat", *verb, "--json")
    run("stored: replay", "chat", "replay", "last", "--plain", "--speed", "max")
    return runs


def test_what_is_configured_well(tmp_path: Path) -> None:
    """Names and values that are right, in the lists that show them."""
    name = f"mine{WORD}"
    url = quoted(f"http://127.0.0.1:1/{BAD}")
    entry = f"{{kind: openai_compatible, base_url: {url}, settings: {{{QUOTED}: {QUOTED}}}}}"
    (tmp_path / "c.yaml").write_text(
        f"providers: {{{quoted(name)}: {entry}}}\naliases: {{{QUOTED}: {quoted(name + ':m')}}}\n"
        f"ui: {{theme: {QUOTED}}}\ntools: {{deny: [{QUOTED}]}}\nretry: {{max_attempts: 1}}\n"
    )
    verbs = (["providers"], ["providers", "--json"], ["config", "show"], ["doctor"], ["doctor", "--json"],
             ["doctor", "--live"], ["models"], ["-p", "hello", "-m", name])  # fmt: skip
    runs = [{"arguments": verb} for verb in verbs]
    written = outputs(tmp_path, runs, {"RALPH_DATA_DIR": str(tmp_path), "RALPH_CONFIG": "c.yaml"})
    for verb, data in zip(verbs, written, strict=True):
        text = harmless(" ".join(verb), data)
        assert "Traceback" not in text, text
        assert "END" in text, (verb, text)
