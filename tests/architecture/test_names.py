"""One word has one meaning: no class name is defined twice, names that said little do not come back, and a function is
named by what it does: nouns for classes, verbs for functions, past participles for events only."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "ralph"

GONE = frozenset(
    [
        "Again",
        "Answering",
        "AnthropicFold",
        "Asked",
        "Asking",
        "Beside",
        "Between",
        "BorderedApp",
        "Breaking",
        "Caching",
        "CallRun",
        "CapRow",
        "Caps",
        "ChatFold",
        "Choosing",
        "Claim",
        "Courier",
        "Ear",
        "Enclosure",
        "FallingBack",
        "Finder",
        "Findings",
        "Folds",
        "Followed",
        "Funds",
        "Ground",
        "Hold",
        "Keyring",
        "Ledger",
        "Letter",
        "Limited",
        "Looking",
        "Looks",
        "Margins",
        "Neighbour",
        "OllamaFold",
        "OpenProviders",
        "Outbox",
        "Pace",
        "Paces",
        "Party",
        "Pointer",
        "Purse",
        "Reading",
        "Recall",
        "ResponsesFold",
        "Resuming",
        "Retrying",
        "Ring",
        "Ripening",
        "Rotating",
        "SavedAnswers",
        "SdkDoor",
        "Sending",
        "Settling",
        "Sitting",
        "Spending",
        "Stock",
        "Twice",
        "Windows",
        "Wishes",
        "Writer",
    ]
)
GONE_ROOMS = frozenset(
    [
        "assembly/answering",
        "assembly/flags",
        "assembly/looking",
        "assembly/offering",
        "assembly/windows",
        "commands/_switching",
        "commands/_topics",
        "commands/_words",
        "config/choice",
        "config/model",
        "core/accounts",
        "core/answers",
        "core/family",
        "core/figures",
        "core/findings",
        "core/funds",
        "core/pace",
        "core/reap",
        "core/screen",
        "core/view",
        "core/wishes",
        "gateway/compose",
        "gateway/honesty",
        "gateway/neighbours",
        "gateway/open_providers",
        "gateway/rotate",
        "gateway/sending",
        "pipeline/call",
        "pipeline/calling",
        "pipeline/kept",
        "providers/_anthropic_fold",
        "providers/_chat_fold",
        "providers/_fold",
        "providers/_ollama_fold",
        "providers/_responses_fold",
        "rules/dates",
        "rules/expression",
        "rules/numerals",
        "rules/places",
        "rules/quantities",
        "rules/sentence",
        "rules/units",
        "session/choice",
        "session/choosing",
        "session/context",
        "session/fork",
        "session/resumed",
        "session/roles",
        "session/switch",
        "store/answers",
        "store/funds",
        "store/paces",
        "store/reading",
        "store/usage",
        "tui/border",
        "tui/feed/beside",
        "tui/feed/between",
        "tui/feed/followed",
        "tui/feed/looks",
        "tui/feed/ripening",
        "tui/figures",
        "tui/ground",
        "tui/parts/asking",
        "tui/parts/courier",
        "tui/parts/face",
        "tui/parts/finder",
        "tui/parts/keyring",
        "tui/parts/margins",
        "tui/parts/opening",
        "tui/parts/outbox",
        "tui/parts/palette",
        "tui/parts/pointer",
        "tui/parts/recent",
        "tui/parts/settling",
        "tui/parts/sitting",
        "tui/parts/stock",
        "tui/parts/twice",
        "tui/parts/verbs",
        "tui/parts/writer",
        "tui/prompt/arriving",
        "tui/prompt/enclosing",
        "tui/prompt/folds",
        "tui/prompt/recall",
        "tui/prompt/wanted",
        "tui/reopened",
        "tui/specimen",
        "tui/tables/catalogue",
        "tui/tables/ledger",
        "tui/tables/saved",
        "tui/tables/window",
        "tui/timeline/carried",
        "tui/timeline/found",
        "tui/timeline/model",
        "tui/timeline/places",
        "tui/timeline/selected",
        "tui/timeline/started",
        "tui/when",
    ]
)


def classes() -> Counter[str]:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.py"))
    return Counter(node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))


def test_no_class_name_is_defined_twice() -> None:
    assert [name for name, times in classes().items() if times > 1] == []


def test_old_names_are_gone() -> None:
    assert sorted(GONE & set(classes())) == []
    used: list[str] = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name) and node.id in GONE:
                used.append(f"{path.name}:{node.lineno}: {node.id}")
    assert used == []


def test_old_rooms_are_gone() -> None:
    assert [name for name in sorted(GONE_ROOMS) if (ROOT / f"{name}.py").exists()] == []


# Past participles that do not end in -ed, but those that are a verb's first form too: read, set, put, cut, run.
IRREGULAR = frozenset(
    [
        "begun",
        "bent",
        "bitten",
        "blown",
        "born",
        "borne",
        "bought",
        "bound",
        "bred",
        "broken",
        "brought",
        "built",
        "burnt",
        "caught",
        "chosen",
        "crept",
        "dealt",
        "done",
        "drawn",
        "driven",
        "dug",
        "dwelt",
        "eaten",
        "fallen",
        "fed",
        "felt",
        "flown",
        "forbidden",
        "forgiven",
        "forgotten",
        "fought",
        "found",
        "frozen",
        "given",
        "gone",
        "got",
        "gotten",
        "grown",
        "heard",
        "held",
        "hidden",
        "hung",
        "kept",
        "knelt",
        "known",
        "laid",
        "lain",
        "leapt",
        "learnt",
        "led",
        "left",
        "lent",
        "lit",
        "lost",
        "made",
        "meant",
        "met",
        "mistaken",
        "mown",
        "outgrown",
        "overridden",
        "overwritten",
        "paid",
        "proven",
        "rebuilt",
        "redone",
        "redrawn",
        "remade",
        "resent",
        "resold",
        "retold",
        "rewritten",
        "ridden",
        "risen",
        "rung",
        "said",
        "sat",
        "seen",
        "sent",
        "sewn",
        "shaken",
        "shaved",
        "shone",
        "shot",
        "shown",
        "shrunk",
        "slain",
        "slept",
        "slid",
        "smelt",
        "sold",
        "sought",
        "sown",
        "spelt",
        "spent",
        "spilt",
        "spoken",
        "spun",
        "stolen",
        "stood",
        "struck",
        "stuck",
        "stung",
        "sung",
        "sunk",
        "swept",
        "sworn",
        "swum",
        "swung",
        "taken",
        "taught",
        "thought",
        "thrown",
        "told",
        "torn",
        "trodden",
        "unbound",
        "undone",
        "unheard",
        "unknown",
        "unsaid",
        "unseen",
        "unsent",
        "untold",
        "unwritten",
        "upheld",
        "withdrawn",
        "withheld",
        "woken",
        "won",
        "worn",
        "woven",
        "written",
        "wrung",
    ]
)
# Words on -ed that are no participles.
NO_PARTICIPLES = frozenset(
    [
        "bed",
        "bleed",
        "breed",
        "embed",
        "exceed",
        "feed",
        "heed",
        "indeed",
        "need",
        "proceed",
        "red",
        "seed",
        "shed",
        "speed",
        "succeed",
    ]
)
# `is_closed` asks for a state; Textual calls `on_input_changed`, and `action_undo_closed` by the name of an action.
PREFIXES = frozenset(["is", "has", "was", "can", "may", "must", "should", "on", "action", "watch"])
# Verbs whose object a participle may name: `list_unfinished` lists what is unfinished.
VERBS = frozenset(
    [
        "check",
        "count",
        "describe",
        "draw",
        "drop",
        "escape",
        "find",
        "fold",
        "format",
        "keep",
        "list",
        "read",
        "recall",
        "report",
        "run",
        "show",
        "tell",
        "wait",
        "write",
    ]
)
# `@frozen` describes the class below it, as in attrs; `selection_updated` is a method of Textual's Widget.
ALLOWED = frozenset(["frozen", "selection_updated"])


def is_participle(word: str) -> bool:
    return word in IRREGULAR or (len(word) > 2 and word.endswith("ed") and word not in NO_PARTICIPLES)


def breaks_the_rule(name: str) -> bool:
    """A past participle begins the name of a function, or ends it behind no verb that takes it as its object."""
    words = name.strip("_").split("_")
    if name in ALLOWED or words[0] in PREFIXES:
        return False
    return is_participle(words[0]) or (is_participle(words[-1]) and words[0] not in VERBS)


def is_property(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A property is read as a state (`conversation.closed`), so it may be named by one."""
    words = [ast.unparse(decorator) for decorator in function.decorator_list]
    return any(word.endswith(("property", ".setter", ".deleter")) for word in words)


def functions(root: Path) -> Iterator[tuple[str, str]]:
    """Where each function and method is defined, and its name; functions within functions too."""
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_property(node):
                yield f"{path.relative_to(root)}:{node.lineno}", node.name


def test_no_function_is_named_by_a_past_participle() -> None:
    assert [f"{where}: {name}" for where, name in functions(ROOT) if breaks_the_rule(name)] == []


@pytest.mark.parametrize(
    "name",
    [
        "told",
        "_told",
        "found",
        "_written",
        "__ended",
        "offered",
        "_left_out",
        "told_in",
        "helped_by",
        "chat_taken",
        "led",
    ],
)
def test_a_past_participle_is_no_name(name: str) -> None:
    assert breaks_the_rule(name)


@pytest.mark.parametrize(
    "name",
    [
        "read",
        "_read",
        "feed",
        "speed",
        "find_row",
        "is_closed",
        "on_input_changed",
        "list_unfinished",
        "embed",
        "put",
        "of",
    ],
)
def test_a_verb_is_a_name(name: str) -> None:
    assert not breaks_the_rule(name)


def test_a_property_may_be_named_by_a_state(tmp_path: Path) -> None:
    path = tmp_path / "door.py"
    path.write_text("class Door:\n    @property\n    def closed(self): ...\n    def shut_down(self): ...\n", "utf-8")
    assert [name for _, name in functions(tmp_path)] == ["shut_down"]
