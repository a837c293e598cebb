"""Questions about ralph on the command line: free without a key, and never answered in place of a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import ralph

SCRIPT = """
- role: route
  match: ""
  text: '{"tools": [], "rounds": 0, "intent": "chat", "difficulty": "low", "reason": "talk"}'
- role: tool
  match: ""
  calls: [{name: guides, arguments: {query: "How do I quit ralph?"}}]
- role: format
  match: ""
  text: "It is what it is."
"""


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how do I quit?", "`/quit` stops what runs"),
        ("where is the config file?", "`ralph config path`"),
        ("can I get the answer as JSON?", "--output json"),
        ("what does /pin do?", "always send this turn to the model"),
    ],
)
def test_without_a_key_it_is_answered_for_free(tmp_path: Path, question: str, said: str) -> None:
    done = ralph(tmp_path, "-p", question)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert "From the guide “Questions and answers”." in done.stdout
    assert "free" in done.stderr


def test_what_is_not_about_ralph_still_needs_a_model(tmp_path: Path) -> None:
    done = ralph(tmp_path, "-p", "how do I quit smoking?")
    assert done.returncode == 3
    assert done.stdout == ""


def asked(home: Path, *arguments: str) -> Any:
    done = ralph(home, *arguments, "--output", "json", "-p", "-m", "scripted:s.yaml")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_in_a_conversation_a_plain_question_is_the_models(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SCRIPT)
    first = asked(tmp_path, "how do I quit?")
    assert (first["steps"][0]["data"]["by"], first["steps"][0]["data"]["tools"]) == ("rules", ["guides"])
    then = asked(tmp_path, "-c", "how do I stop it?")
    assert then["steps"][0]["data"]["by"] != "rules"
    assert then["text"] == "It is what it is."
    named = asked(tmp_path, "-c", "how do I quit ralph?")
    assert (named["steps"][0]["data"]["by"], named["steps"][0]["data"]["tools"]) == ("rules", ["guides"])
