"""A fresh process whose first act needs every client at once: the model picker, or `/compare` over all wires."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.cli.process import command, environment
from tests.cli.terminal import Terminal

REFS = ("openai:m", "anthropic:m", "mine:m", "ollama:m")
CONFIG = """\
routing: {{route: rules}}
providers:
  anthropic: {{api_key: sk-test, base_url: "{url}"}}
  openai: {{api_key: sk-test, base_url: "{url}/v1"}}
  mine: {{kind: openai_compatible, base_url: "{url}/v1"}}
  ollama: {{base_url: "{url}"}}
"""
WRONG = ("a mistake in ralph", "ralph hit a bug", "no list", "failed", "could not be read")


def first_use(home: Path, url: str, act: str) -> Sequence[str]:
    """Start ralph in a terminal, do `act` (`picker` or `compare`) as the first thing, and return what went wrong."""
    (home / "config.yaml").write_text(CONFIG.format(url=url))
    more = {"RALPH_DATA_DIR": str(home / "data"), "RALPH_CONFIG": str(home / "config.yaml")}
    with Terminal(command(), environment(home, more), home) as terminal:
        terminal.until(lambda text: "❯" in text, settled=False)
        if act == "picker":
            terminal.send("\x0c")
            terminal.until(_listed)
        else:
            terminal.send(f"/compare {' '.join(REFS)} tell me something\r")
            terminal.until(_answered)
        return _wrong(terminal.text)


def _listed(text: str) -> bool:
    """Every provider's list is there."""
    listed = all(any(f"{ref.partition(':')[0]} · " in line for line in text.splitlines()) for ref in REFS)
    return bool(_wrong(text)) or (listed and "asking …" not in text)


def _answered(text: str) -> bool:
    """Every model's answer is in the table, each in a fork of its own."""
    return bool(_wrong(text)) or all(f"{ref} " in text and text.count("ok") >= len(REFS) for ref in REFS)


def _wrong(text: str) -> list[str]:
    return [line for line in text.splitlines() if any(word in line for word in WRONG)]
