"""The screen on a real pseudo-terminal: what others wrote is painted, and acts on nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.cli.process import ROOT, command, environment, ralph
from tests.cli.terminal import Terminal

# Marks of each way to act that the screen's own painting never holds.
BAD = "\x1b]0;PWNED\x07\x9b31m\x9d0;PWNED\x9c\x1b]52;c;UFdORUQ=\x07\u202e\u2066\u200f\U000e0041!END"
RAW = re.compile(
    "\x1b\\]0;PWNED|\x9b|\x9d|\x9c|\x1b\\]52;c;UFdORUQ|[\u202a-\u202e\u2066-\u2069\u200e\u200f\U000e0000-\U000e007f]"
)


def test_everything_that_can_be_opened(tmp_path: Path) -> None:
    """Titles, answers, errors, file names, models and settings of others, in the timeline, lists and prompt."""
    (tmp_path / "s.yaml").write_text(
        f"- role: format\n  match: ''\n  text: {json.dumps(BAD.replace(chr(0xE0041), ''))}\n"
    )
    for name in ("one", "two"):
        (tmp_path / f"{name}{BAD.replace('/', '')}.txt").write_text(BAD)
    script = {"replies": [{"status": 400, "times": None, "body": json.dumps({"error": {"message": BAD}})}],
              "models": [{"id": f"m{BAD}", "window": 8192}]}  # fmt: skip
    (tmp_path / "script.json").write_text(json.dumps(script))
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.wires.server", "--script", str(tmp_path / "script.json")],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        (tmp_path / "c.yaml").write_text(f"providers: {{mine: {{kind: openai_compatible, base_url: '{url}'}}}}\n")
        env = environment(tmp_path, {"RALPH_CONFIG": "c.yaml"})
        ralph(
            tmp_path,
            "-p",
            f"{BAD} a title",
            "-m",
            "scripted:s.yaml",
            "--route",
            "rules",
            env={"RALPH_CONFIG": "c.yaml"},
        )
        with Terminal(command("-c", "-m", "mine:model", "--route", "rules"), env, tmp_path) as terminal:
            terminal.until(lambda text: "a title" in text and "!END" in text)
            terminal.send("what does the server say?\r")
            terminal.until(lambda text: "answered 400" in text)
            for line in ("/model", "/timelines", "/search PWNED", "/provider", "/usage", "/context", "/tree"):
                terminal.send(f"{line}\r")
                terminal.until(lambda text: True)
                terminal.send("\x1b")
                terminal.until(lambda text: True)
            terminal.send("look at @one")
            terminal.until(lambda text: "@one" in text)
            terminal.send("\x15")
            terminal.paste(BAD)
            terminal.until(lambda text: True)
            terminal.send("\x03\x04")
        painted = terminal.painted.decode("utf-8", "replace")
    finally:
        server.kill()
        server.communicate()
    assert "!END" in painted
    assert not RAW.findall(painted)
