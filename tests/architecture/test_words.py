"""What a person reads on the screen, in a failure or in a guide is plain English; words that were riddles stay out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Words that a reader stumbled over, and what to write in their place.
RIDDLES = {
    r"\banew\b": "again",
    r"\bshall\b": "a plain verb",
    r"\ba blank\b": "a space",
    r"(?<!\b[tT]here )\b(?:is|are) no (?!longer\b)": "is not a",
    r"\bfor nothing\b": "free",
    r"\bleft alone\b": "paused",
    r"\ball the same\b": "anyway",
    r"\bfalls? out\b": "is no longer sent",
}
# Those that are plain in a guide, but not in a sentence on the screen.
SCREEN_ONLY = {
    r"\b[iI]t holds\b": "it contains, or it applies",
    r"\bholds what\b": "contains",
    r"\bnot well\b": "failed",
    r"\bkept: ": "a sentence that names what is kept",
    r"\btold\b": "a sentence that says who says what",
    r"\b(?:no|some)body\b": "the person or the program that is meant",
    r"\bmistake in\b": "ralph hit a bug",
    r"\bstays? as it is\b": "is unchanged",
    r"\bWh(?:at|ich) (?:was|came|shall|look)\b": "the noun",
    r"\bmust stand\b": "must be",
}
# (file, a part of the text): why it may stay.
ALLOWED = {
    # Events that are stored say so, and `is_consent_missing` finds them by it.
    ("ralph/pipeline/call_consent.py", "nobody is there to ask"),
    ("ralph/headless/outcome.py", "nobody is there"),
    # A line of the log, which is for those who mend ralph.
    ("ralph/cli/main.py", "a mistake in ralph"),
}
# Patterns for what a person types.
QUESTIONS = ("ralph/rules/",)

KEY = re.compile(r"\b(?:Ctrl|Alt|Shift)\+\w")
# What names keys: the table of them, with those that cannot be mapped, and a pattern that finds them in a guide.
KEY_TABLES = ("ralph/tui/keys.py", "ralph/tools/guides.py")


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that a person may read: no docstrings, no lines of the log; `{}` stands for what is
    filled in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set[ast.AST]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "log":
                skipped.update(ast.walk(node))
        elif isinstance(node, ast.JoinedStr):
            skipped.update(part for part in node.values if isinstance(part, ast.Constant))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and node not in skipped:
            parts = (str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            yield node.lineno, node.value


def _sentences() -> Iterator[tuple[str, int, str]]:
    for path in sorted((ROOT / "ralph").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(QUESTIONS):
            yield from ((name, line, text) for line, text in _texts(path) if " " in text.strip())


def _guides() -> Iterator[tuple[str, int, str]]:
    for path in (ROOT / "README.md", ROOT / "config.example.yaml", *sorted((ROOT / "docs").glob("*.md"))):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"<!--.*?-->", lambda found: "\n" * found[0].count("\n"), text, flags=re.S)
        name = path.relative_to(ROOT).as_posix()
        yield from ((name, number, line) for number, line in enumerate(text.splitlines(), 1))


@pytest.mark.parametrize(("riddle", "plain"), [*RIDDLES.items(), *SCREEN_ONLY.items()])
def test_no_text_of_the_program_is_a_riddle(riddle: str, plain: str) -> None:
    found = [
        f"{name}:{line}: {text!r} (write: {plain})"
        for name, line, text in _sentences()
        if re.search(riddle, text) and not any(name == file and part in text for file, part in ALLOWED)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("riddle", "plain"), RIDDLES.items())
def test_no_guide_is_a_riddle(riddle: str, plain: str) -> None:
    found = [f"{name}:{line}: {text} (write: {plain})" for name, line, text in _guides() if re.search(riddle, text)]
    assert not found, "\n".join(found)


def test_what_is_allowed_is_there() -> None:
    texts = [(name, text) for name, _, text in _sentences()]
    gone = [(file, part) for file, part in ALLOWED if not any(file == name and part in text for name, text in texts)]
    assert not gone


def test_a_text_asks_the_keymap_for_a_key() -> None:
    """Every key can be mapped: a key that is written into a sentence is wrong for some."""
    found = [
        f"{name}:{line}: {text!r}"
        for name, line, text in _sentences()
        if KEY.search(text) and not name.startswith(KEY_TABLES)
    ]
    assert not found, "\n".join(found)
