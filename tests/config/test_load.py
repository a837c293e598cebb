"""Settings: file, environment, flags; and sentences that say where a mistake stands."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.assembly.run_settings import provider_options
from ralph.config import document, paths
from ralph.config.load import load, with_model
from ralph.config.settings import Config, ProviderEntry, RoutingSettings
from ralph.core.errors import ConfigFailure
from ralph.core.llm.prices import FREE_ROW

OPTIONS = {"anthropic": {}, "openai": {"api": ""}, "ollama": {"num_ctx": 16384}, "openai_compatible": {}}
EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def read(tmp_path: Path, text: str, **environ: str) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return load(path, environ, OPTIONS.get)


def test_no_file_is_all_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "none.yaml", {}, OPTIONS.get) == Config()


def test_a_file_asked_for_by_name_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigFailure, match="could not be read"):
        load(tmp_path / "none.yaml", {}, OPTIONS.get, required=True)


def test_the_example_shows_every_default() -> None:
    config = load(EXAMPLE, {}, provider_options, required=True)
    options = {"transport": "auto"}
    kinds = ("anthropic", "openai")
    assert config == Config(providers={kind: ProviderEntry(kind, options=options) for kind in kinds})
    assert all((provider_options(kind) or {}).items() >= options.items() for kind in kinds)


def test_the_example_names_every_key() -> None:
    import yaml

    example = yaml.safe_load(EXAMPLE.read_text())
    for section, default in ((n, getattr(Config(), n)) for n in Config.__dataclass_fields__ if n != "debug"):
        assert section in example
        fields = getattr(default, "__dataclass_fields__", {})
        assert set(fields) == set(example[section]) if fields else True, section


def test_environment_fills_keys_and_an_empty_key_is_none(tmp_path: Path) -> None:
    text = 'providers: {anthropic: {api_key: "${KEY}"}, ollama: {base_url: "http://${HOST:-127.0.0.1}:11434"}}'
    config = read(tmp_path, text, KEY="sk-1")
    assert config.providers["anthropic"].api_key == "sk-1"
    assert config.providers["ollama"].base_url == "http://127.0.0.1:11434"
    assert read(tmp_path, text, HOST="gpu").providers["ollama"].base_url == "http://gpu:11434"
    assert read(tmp_path, text).providers["anthropic"].api_key == ""


def test_a_key_is_in_no_repr(tmp_path: Path) -> None:
    assert "sk-1" not in repr(read(tmp_path, "providers: {anthropic: {api_key: sk-1}}"))


@pytest.mark.parametrize(("word", "meant"), [("off", "off"), ("on", "on"), ("Off", "off"), ('"auto"', "auto")])
def test_off_and_on_are_words(tmp_path: Path, word: str, meant: str) -> None:
    assert read(tmp_path, f"pipeline: {{speculate: {word}}}").pipeline.speculate == meant


def test_booleans_may_be_written_as_people_do(tmp_path: Path) -> None:
    assert read(tmp_path, "cache: {enabled: on}").cache.enabled is True
    assert read(tmp_path, "cache: {enabled: no}").cache.enabled is False


def test_model_and_budget_from_the_environment_beat_the_file(tmp_path: Path) -> None:
    config = read(tmp_path, "routing: {format: a}", RALPH_LLM_MODEL="ollama:x", RALPH_LLM_BUDGET="$12.5")
    assert config.routing == RoutingSettings("auto", "ollama:x", "ollama:x")
    assert config.budget.month == 12.5
    assert read(tmp_path, "", RALPH_LLM_DEBUG="1").debug
    assert not read(tmp_path, "", RALPH_LLM_DEBUG="0").debug


def test_fallback_is_one_chain_or_one_for_each_role(tmp_path: Path) -> None:
    one = read(tmp_path, "routing: {fallback: ['a:m', 'b:m']}").routing
    assert [one.chain(role) for role in ("route", "format")] == [("a:m", "b:m")] * 2
    each = read(tmp_path, "routing: {fallback: {format: ['a:m'], route: []}}").routing
    assert [each.chain(role) for role in ("route", "tool", "format")] == [(), (), ("a:m",)]


def test_a_pinned_route_stays_with_dash_m() -> None:
    assert with_model(RoutingSettings(route="rules"), "ollama:x").route == "rules"


def test_prices_are_exact_and_cache_classes_cost_as_input(tmp_path: Path) -> None:
    config = read(tmp_path, 'prices: {"v:m": {input: 1, output: 4.10}, "v:n": free}')
    row = config.prices["v:m"]
    assert (row.input, row.cache_read, row.cache_write, row.output) == ("1", "1", "1", "4.10")
    assert config.prices["v:n"] == FREE_ROW


def test_an_alias_is_a_ref_or_a_list_of_them(tmp_path: Path) -> None:
    config = read(tmp_path, 'aliases: {deep: "groq:m", fast: ["groq:m", "${NONE}", "work:m"], none: ""}')
    assert config.aliases == {"deep": "groq:m", "fast": ("groq:m", "work:m"), "none": ""}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("routng: {}", "config.yaml:1: routng: there is no such key; the nearest is 'routing'"),
        ("a: 1\nb: [", "invalid YAML"),
        ("routing:\n  rout: auto", "config.yaml:2: routing.rout: there is no such key; the nearest is 'route'"),
        (
            "pipeline:\n  max_tool_rounds: lots",
            "config.yaml:2: pipeline.max_tool_rounds: found 'lots', but it takes a w",
        ),
        ("pipeline: {speculate: maybe}", "found 'maybe', but it takes one of off, auto, on"),
        ("cache: {enabled: perhaps}", "true or false"),
        ("budget: {day: -1}", "not negative"),
        ("budget: {day: .nan}", "found '.nan'"),
        (
            "providers: {anthropic: {api_kee: x}}",
            "providers.anthropic.api_kee: there is no such key; the nearest is 'api",
        ),
        ("providers: {mine: {base_url: x}}", "no provider of kind 'mine'"),
        ("providers: {ollama: {num_ctx: big}}", "a whole number"),
        ("providers: []", "found a list, but it takes a mapping"),
        ("tools: {allow: calculate}", "found 'calculate', but it takes a list"),
        ("prices: {x: {input: 1}}", "input and output"),
        ("prices: {x: {input: -1, output: 1}}", "US dollars per million tokens"),
        ("routing: {}\nrouting: {}", "config.yaml:2: the key 'routing' appears a second time"),
        (
            "routing: {fallback: {formatt: []}}",
            "routing.fallback.formatt: there is no such key; the nearest is 'format'",
        ),
        ("routing: {fallback: {format: a}}", "routing.fallback.format: found 'a', but it takes a list"),
        ("- a", "found a list"),
        (
            "aliases:\n  fast: {a: b}",
            "config.yaml:2: aliases.fast: found a mapping, but it takes a model ref, or a list",
        ),
        ("aliases: {fast: []}", "aliases.fast: found a list, but it takes a model ref, or a list of them"),
        ("aliases: {fast: [a:b, [c:d]]}", "aliases.fast[1]: found a list, but it takes one value"),
        ("just words", "found 'just words'"),
        ("limits: {anthropic: {requests_per_minute: 1.5}}", "a whole number"),
    ],
)
def test_a_mistake_names_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigFailure) as caught:
        read(tmp_path, text)
    assert said in caught.value.message
    assert str(tmp_path) in caught.value.message


@given(st.text(max_size=200))
def test_no_file_ends_in_a_traceback(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with contextlib.suppress(ConfigFailure):
            load(path, {}, OPTIONS.get)


@given(st.text())
def test_expansion_leaves_nothing_behind(text: str) -> None:
    assert "${X}" not in document.expand(text + "${X}" + text, {"X": ""}) or "${X}" in text


def test_paths_follow_the_environment(tmp_path: Path) -> None:
    assert paths.config_file({"RALPH_CONFIG": "/etc/r.yaml"}) == Path("/etc/r.yaml")
    assert paths.config_file({"RALPH_CONFIG": "/etc/r.yaml"}, "/my.yaml") == Path("/my.yaml")
    assert paths.config_file({}).name == "config.yaml"
    assert paths.database({"RALPH_DATA_DIR": str(tmp_path)}) == tmp_path / "ralph.db"
    assert paths.find_shipped("config.example.yaml").exists()
