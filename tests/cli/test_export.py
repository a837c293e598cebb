"""`ralph export` and `/export`: a timeline taken away, by the process."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest

from ralph.core.log.codec import from_json
from ralph.core.timeline.recorded import fold_recorded
from ralph.export.jsonl import EXPORT
from tests.cli.process import ralph
from tests.schema.test_schemas import check
from tests.store.logs import damage

SUM = "what is 17% of 2340?"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two turns, and a fork of the first with a turn of its own."""
    assert ralph(tmp_path, "-p", SUM).returncode == 0
    assert ralph(tmp_path, "-c", "-p", "10 km in miles").returncode == 0
    assert ralph(tmp_path, "rerun", "last", "--turn", "2").returncode == 0
    return tmp_path


def test_jsonl_is_the_stream_that_output_jsonl_prints(tmp_path: Path) -> None:
    streamed = ralph(tmp_path, "-p", SUM, "--output", "jsonl").stdout
    done = ralph(tmp_path, "export", "last", "--to", "jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, streamed, "")


def test_jsonl_has_the_inherited_events_first_and_loses_nothing(home: Path) -> None:
    text = ralph(home, "export", "last", "--to", "jsonl").stdout
    lines = [json.loads(line) for line in text.splitlines()]
    for one in lines:
        check("envelope", one)
    assert [one["seq"] for one in lines] == list(range(1, len(lines) + 1))
    own = lines[-1]["timeline"]
    first = next(n for n, one in enumerate(lines) if one["timeline"] == own)
    assert first > 0
    assert {one["timeline"] for one in lines[first:]} == {own}
    assert [one["data"]["prompt"] for one in lines if one["type"] == "turn.started"] == [SUM, "10 km in miles"]
    out = io.StringIO()
    EXPORT.write(fold_recorded([from_json(one) for one in lines]), out)
    assert out.getvalue() == text


def test_json_is_what_show_prints(home: Path) -> None:
    made = ralph(home, "export", "last", "--to", "json").stdout
    assert made == ralph(home, "show", "last", "--json").stdout
    check("show", json.loads(made))


def test_md_tells_people_what_was_asked_called_answered_and_spent(home: Path) -> None:
    made = ralph(home, "export", "last", "--to", "md").stdout
    head, first, second = made.split("\n## ")
    assert head.startswith(f"# {SUM}")
    assert "2 turns" in head
    assert "fork of `" in head
    assert first.startswith("1 · 20")
    for part in (f"> {SUM}", "- route: no model · ok", '`calculate({"expression"', "397.8", "no model · free"):
        assert part in first, part
    assert "6.21371" in second
    assert second.rstrip().endswith("In all · no model · free")


def test_md_names_models_usage_and_cost_and_closes_what_was_cut(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        '- role: format\n  text: "Look:\\n```py\\nx = 1"\n  usage: {input: 1200, output: 34}\n'
    )
    ralph(tmp_path, "-p", "show me", "-m", "scripted:s.yaml", "--route", "rules")
    made = ralph(tmp_path, "export", "last", "--to", "md").stdout
    assert "- format: `scripted:s.yaml` · ok" in made
    assert "```py\nx = 1\n```\n" in made
    assert "1,200 tokens in, 34 out" in made


def test_a_file_is_new_and_private_and_never_replaced_unasked(home: Path) -> None:
    file = home / "out.jsonl"
    done = ralph(home, "export", "last", "-o", "out.jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("ralph: wrote out.jsonl: jsonl, ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == ralph(home, "export", "last", "--to", "jsonl").stdout
    file.write_text("mine")
    file.chmod(0o644)
    done = ralph(home, "export", "last", "--to", "md", "-o", "out.jsonl")
    assert done.returncode == 2
    assert "out.jsonl is there already; --force replaces it" in done.stderr
    assert file.read_text() == "mine"
    assert ralph(home, "export", "last", "--to", "md", "-o", "out.jsonl", "--force").returncode == 0
    assert file.read_text().startswith("# ")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    done = ralph(home, "export", "last", "--to", "md", "-o", ".", "--force")
    assert (done.returncode, done.stderr) == (2, "ralph: . is a folder; name a file in it\n")
    done = ralph(home, "export", "last", "--to", "md", "-o", "nosuch/out.md")
    assert done.returncode == 1
    assert "nosuch/out.md could not be written: No such file or directory" in done.stderr
    assert sorted(p.name for p in home.glob("*out*")) == ["out.jsonl"]


def test_a_wrong_format_names_the_nearest_and_an_unknown_id_is_exit_10(home: Path) -> None:
    done = ralph(home, "export", "last", "--to", "jsonn")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no format 'jsonn'; did you mean json?" in done.stderr
    done = ralph(home, "export", "last")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--to json, jsonl or md" in done.stderr
    done = ralph(home, "export", "nosuch", "--to", "md", "-o", "out.md")
    assert (done.returncode, done.stdout) == (10, "")
    assert not (home / "out.md").exists()


KEY = "zq8-Hn3v.T0pQx7_aLw2"


@pytest.mark.parametrize("to", ["md", "json", "jsonl"])
def test_a_key_of_this_run_does_not_leave(tmp_path: Path, to: str) -> None:
    """It was no key when it was written down."""
    ralph(tmp_path, "-p", f"{SUM} {KEY}")
    env = {"MY_API_KEY": KEY}
    done = ralph(tmp_path, "export", "last", "--to", to, env=env)
    assert done.returncode == 0
    assert KEY in ralph(tmp_path, "export", "last", "--to", to).stdout
    assert ralph(tmp_path, "export", "last", "--to", to, "-o", "out", env=env).returncode == 0
    for text in (done.stdout, (tmp_path / "out").read_text()):
        assert KEY not in text
        assert "***" in text


def test_what_the_log_has_lost_is_named_and_the_rest_is_written(home: Path) -> None:
    whole = ralph(home, "export", "last", "--to", "jsonl").stdout.splitlines()
    timeline = json.loads(whole[0])["timeline"]
    damage(next(home.rglob("ralph.db")), timeline, [4], "{")
    damage(next(home.rglob("ralph.db")), timeline, [6])
    done = ralph(home, "export", "last", "--to", "jsonl", "-o", "out.jsonl")
    assert done.returncode == 1
    assert "event 6 is missing" in done.stderr
    assert "event 4 (" in done.stderr
    assert (home / "out.jsonl").read_text().splitlines() == [*whole[:3], whole[4], *whole[6:]]


PLUGIN = """
class Titles:
    name = "titles"
    suffix = ".txt"

    def write(self, timeline, out):
        out.write(f"{timeline.title}: {len(timeline.turns)} of {len(timeline.events)}\\n")
        if timeline.title.startswith("10"):
            raise ValueError("no")

EXPORT = Titles()
"""


def test_a_plugin_is_a_format(home: Path) -> None:
    site = home / "site"
    (site / "ralph_titles-1.0.dist-info").mkdir(parents=True)
    (site / "ralph_titles.py").write_text(PLUGIN)
    (site / "ralph_titles-1.0.dist-info" / "METADATA").write_text("Name: ralph-titles\nVersion: 1.0\n")
    (site / "ralph_titles-1.0.dist-info" / "entry_points.txt").write_text(
        "[ralph.exports]\ntitles = ralph_titles:EXPORT\n"
    )
    env = {"PYTHONPATH": f"{site}:{Path(__file__).parents[2]}"}
    done = ralph(home, "export", "last", "--to", "titles", env=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{SUM} (fork): 2 of ")
    ralph(home, "-p", "10 km in miles")
    done = ralph(home, "export", "last", "--to", "titles", "-o", "out.txt", env=env)
    assert done.returncode == 3
    assert "the format 'titles' could not write the timeline: ValueError('no')" in done.stderr
    assert not (home / "out.txt").exists()
