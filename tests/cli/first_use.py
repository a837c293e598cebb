"""A fresh process whose first act needs every client at once: the model picker, or `/compare` over all wires."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.cli.process import ROOT, command, environment
from tests.cli.terminal import Terminal

REFS = ("openai:m", "anthropic:m", "mine:m", "ollama:m")
CONFIG = """\
routing: {{route: rules}}
providers:
  anthropic: {{api_key: sk-test, base_url: "{url}", transport: sdk}}
  openai: {{api_key: sk-test, base_url: "{url}/v1", transport: sdk}}
  mine: {{kind: openai_compatible, base_url: "{url}/v1"}}
  ollama: {{base_url: "{url}"}}
"""
# httpx stays half imported until openai is whole and has had time for its first request; for 8 s at most.
SLOW = """\
import importlib.machinery, sys, time

def whole(name):
    return name in sys.modules and not sys.modules[name].__spec__._initializing

def wait():
    end = time.monotonic() + 8
    while time.monotonic() < end:
        if whole("openai.resources.models"):
            end = min(end, time.monotonic() + 2)
        time.sleep(0.05)

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name != "httpx._models":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        run = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (wait(), run(module))
        return spec

sys.meta_path.insert(0, Slow())
"""
WRONG = ("ralph hit a bug", "no list", "failed", "could not be read")


def first_use(home: Path, url: str, act: str, *, slow: bool = False) -> Sequence[str]:
    """Start ralph in a terminal, do `act` (`picker` or `compare`) as the first thing, and return what went wrong.

    `slow`: httpx is half imported for so long that openai would meet it so; without anthropic, which is slower still.
    """
    refs = [ref for ref in REFS if not (slow and ref.startswith("anthropic"))]
    config = CONFIG.replace("  anthropic:", "  # anthropic:") if slow else CONFIG
    (home / "config.yaml").write_text(config.format(url=url))
    more = {"RALPH_DATA_DIR": str(home / "data"), "RALPH_CONFIG": str(home / "config.yaml")}
    if slow:
        (home / "sitecustomize.py").write_text(SLOW)
        more["PYTHONPATH"] = f"{home}:{ROOT}"
    with Terminal(command(), environment(home, more), home) as terminal:
        terminal.until(lambda text: "❯" in text, settled=False)
        if act == "picker":
            terminal.send("\x0c")
            terminal.until(lambda text: _listed(text, refs))
        else:
            terminal.send(f"/compare {' '.join(refs)} tell me something\r")
            terminal.until(lambda text: _answered(text, refs))
        return _wrong(terminal.text)


def _listed(text: str, refs: Sequence[str]) -> bool:
    """Every provider's list is there."""
    listed = all(any(f"{ref.partition(':')[0]} · " in line for line in text.splitlines()) for ref in refs)
    return bool(_wrong(text)) or (listed and "loading the list …" not in text)


def _answered(text: str, refs: Sequence[str]) -> bool:
    """Every model's answer is in the table, each in a fork of its own."""
    return bool(_wrong(text)) or all(f"{ref} " in text and text.count("ok") >= len(refs) for ref in refs)


def _wrong(text: str) -> list[str]:
    return [line for line in text.splitlines() if any(word in line for word in WRONG)]
