"""One word has one meaning: no class name is defined twice, and names that said little do not come back."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

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
