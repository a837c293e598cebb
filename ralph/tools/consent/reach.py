"""Finds the programs that a shell line or an argv can reach, for rules that deny or ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from ralph.tools.consent.programs import base_name, find_signs, kinds_of
from ralph.tools.consent.shell_tree import ShellLine, split_line, unquote_text

# Levels of a shell in a shell. Deeper ones are searched for the word.
MAX_DEPTH = 6
_WORD = re.compile(r"[^\w.+*?\[\]-]+")


def reaches(tokens: Sequence[str], resource: str | Sequence[str], stdin: str = "") -> bool:
    """Return whether a call of this shell line (a text) or argv runs the program of the rule, or may run it by another.

    Where that cannot be read, the program's name is enough, anywhere as a word.
    """
    if not tokens:
        return True
    if isinstance(resource, str):
        return _line_reaches(tokens, resource, 0) or bool(stdin and _feeds_shell(tokens, resource, stdin))
    return bool(resource) and (
        _reaches(tokens, resource, 0)
        or bool(stdin and kinds_of(resource[0]) & {"shell", "starter", "interpreter"} and _scan(tokens, stdin))
    )


def _feeds_shell(tokens: Sequence[str], line: str, stdin: str) -> bool:
    names = [c[0] for c in split_line(line).commands]
    return any(n is None or kinds_of(n) & {"shell", "starter", "interpreter"} for n in names) and _scan(tokens, stdin)


def _line_reaches(tokens: Sequence[str], line: str, depth: int) -> bool:
    if depth > MAX_DEPTH:
        return _scan(tokens[:1], line)
    texts = dict.fromkeys((line, line.replace("\\\n", "")))
    return any(_split_reaches(tokens, text, split_line(text), depth) for text in texts)


def _split_reaches(tokens: Sequence[str], line: str, split: ShellLine, depth: int) -> bool:
    if not split.clear and _scan(tokens[:1], line):
        return True
    if any(_line_reaches(tokens, document, depth + 1) for document in split.documents):
        return True
    several = len(split.commands) > 1 or bool(split.documents)
    for words in split.commands:
        name = words[0]
        # What runs is made up by the shell, or comes through a pipe.
        unknown = name is None or (None in words and kinds_of(name)) or (several and "shell" in kinds_of(name))
        if unknown and _scan(tokens, line):
            return True
        if name is not None and _reaches(tokens, [name, *("" if w is None else w for w in words[1:])], depth):
            return True
    return False


def _reaches(tokens: Sequence[str], argv: Sequence[str], depth: int) -> bool:
    if is_command(tokens, argv):
        return True
    kinds, arguments = kinds_of(argv[0]), list(argv[1:])
    if kinds & {"shell", "starter"}:
        return _behind(tokens, arguments, depth)
    if "interpreter" in kinds:
        return any(_scan(tokens, a) for a in arguments)
    if any(row.what == "starts" for row in find_signs(argv)):
        return any(_scan(tokens, a) for a in arguments)
    return False


def _behind(tokens: Sequence[str], arguments: Sequence[str], depth: int) -> bool:
    """Look behind a program that runs its arguments: each may begin a command, or be a shell line."""
    rests = [list(arguments[n:]) for n in range(len(arguments))]
    if any(is_command(tokens, rest) for rest in rests if rest[0]):
        return True
    runs = any("interpreter" in kinds_of(a) for a in arguments) or any(find_signs(rest) for rest in rests if rest[0])
    if runs and any(_scan(tokens, a) for a in arguments):
        return True
    texts = [*arguments, *(a[2:] for a in arguments if a.startswith("-")), *(a.partition("=")[2] for a in arguments)]
    lines = dict.fromkeys(t for t in (*texts, " ".join(arguments)) if t.strip())
    return any(_line_reaches(tokens, text, depth + 1) for text in lines)


def is_command(tokens: Sequence[str], argv: Sequence[str]) -> bool:
    """Return whether the argv runs the program of the rule, with the rule's further tokens among its arguments.

    A word may stand behind options and their values, and an option anywhere, in any cluster of letters.
    """
    if not argv[0] or not fnmatchcase(base_name(argv[0]), base_name(tokens[0])):
        return False
    arguments = argv[1:]
    words = [t for t in tokens[1:] if not t.startswith("-")]
    options = [t for t in tokens[1:] if t.startswith("-")]
    return all(_has_option(o, arguments) for o in options) and _has_words(words, arguments)


def _has_option(option: str, arguments: Sequence[str]) -> bool:
    if option.startswith("--"):
        name = option.partition("=")[0]
        return any(len(a) > 2 and a.startswith("--") and name.startswith(a.partition("=")[0]) for a in arguments)
    letters = {c for a in arguments if a.startswith("-") and not a.startswith("--") for c in a[1:]}
    return option in arguments or set(option[1:]) <= letters


def _has_words(words: Sequence[str], arguments: Sequence[str]) -> bool:
    if not words:
        return True
    for n, argument in enumerate(arguments):
        found = arguments[n : n + len(words)]
        if len(found) == len(words) and all(fnmatchcase(a, w) for a, w in zip(found, words, strict=True)):
            return True
        if not argument.startswith("-") and not (n and arguments[n - 1].startswith("-")):
            return False
    return False


def _scan(tokens: Sequence[str], text: str) -> bool:
    """Return whether the program and the further words of the rule stand in the text, each as a word."""
    wanted = [base_name(tokens[0]), *(t.casefold() for t in tokens[1:] if not t.startswith("-"))]
    words = {w for one in (text, unquote_text(text)) for w in _WORD.split(one.casefold()) if w}
    return all(any(fnmatchcase(word, one) for word in words) for one in wanted)
