"""What the guide on extending shows is a package that works, and its table names the doors that there are."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from ralph import registry
from tests.cli.process import environment, ralph

GUIDE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The guide's package, installed as pip would leave it."""
    project = tomllib.loads("\n".join(re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)))["project"]
    site = tmp_path / "site"
    info = site / "ralph_example-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "ralph_example.py").write_text("\n".join(re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)))
    (info / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    groups = ("\n".join((f"[{g}]", *(f"{k} = {v}" for k, v in p.items()))) for g, p in project["entry-points"].items())
    (info / "entry_points.txt").write_text("\n".join(groups))
    return {"PYTHONPATH": f"{site}:{environment(tmp_path)['PYTHONPATH']}"}


def test_the_package_of_the_guide_works(tmp_path: Path, env: dict[str, str]) -> None:
    decision = '{"tools": ["roll_dice"], "rounds": 1, "intent": "other", "difficulty": "low", "reason": "dice"}'
    (tmp_path / "s.yaml").write_text(
        f"- {{role: route, text: '{decision}'}}\n"
        "- {role: tool, calls: [{name: roll_dice, arguments: {dice: [6, 5]}}]}\n"
        "- {role: format, text: Eleven.}\n"
    )
    model = ("-m", "scripted:s.yaml", "--route", "scripted:s.yaml")
    made = json.loads(ralph(tmp_path, "-p", "roll for me", *model, "--output", "json", env=env).stdout)
    assert [(c["name"], c["output"]) for c in made["steps"][1]["tools"]] == [("roll_dice", "11")]
    done = json.loads(ralph(tmp_path, "-p", "/count", "--output", "json", env=env).stdout)
    assert (done["text"], done["data"]) == ("There are **1** timelines.", {"timelines": 1})
    (tmp_path / "phones.json").write_text('{"Ann": "123"}')
    rows = json.loads(ralph(tmp_path, "-p", "/tools", "--output", "json", env=env).stdout)
    assert "phone_of" in [row["name"] for row in rows["data"]]
    assert ralph(tmp_path, "export", "last", "--to", "questions", env=env).stdout == "1. roll for me\n"
    assert (tmp_path / "spent.txt").read_text() == f"{made['timeline']} 1 {made['cost']['nano_usd']}\n"
    assert ralph(tmp_path, "-p", "hello there", "-m", "parrot:grey", "--no-save", env=env).stdout == "hello there\n"


def test_the_guide_names_every_door() -> None:
    for group in get_args(registry.Group):
        assert f"`ralph.{group}`" in GUIDE
    for offer, package in registry._OFFERS.values():
        if registry.builtin_names("listeners") or package != "ralph.telemetry":
            assert f"`{package.replace('.', '/')}/NAME.py`, `{offer}`" in GUIDE
