"""What programs can start or write by their arguments, from the table `programs.tsv`.

The kinds of its rows:

- `shell`, `starter`, `interpreter`: it runs what its arguments say. Only a rule with the whole argv covers it.
- `writes`: it writes files by its operands. Only a rule with the whole argv covers it.
- `careful`: a prefix covers it, but the answer "always" keeps the whole argv.
- `option`: an option, also joined with its value, in a cluster of letters, or shortened.
- `early`: an option before the first word. `word`: an argument. `begins`: the beginning of an argument.
- `holds`: a part of an argument. `bundle`: a letter of a first argument without a dash. `second`: a second operand.
- `command`: a word that a prefix rule has to name. `script`: the scripts of sed.

A program of two words is a program with its subcommand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("programs.tsv")
WHOLE = ("shell", "starter", "interpreter", "writes")
_SED_OPTIONS = frozenset(["-n", "-E", "-r", "-u", "-s", "-z", "--quiet", "--silent", "--regexp-extended", "--posix"])
_ADDRESS = r"(?:\d+|\$|/(?:[^/\\]|\\.)*/)"
# A command of sed that only edits what it prints.
_SED = re.compile(
    rf"(?:{_ADDRESS}(?:,{_ADDRESS})?!?)?"
    r"(?:[pdq=lnNDPGgHhx]|s(?P<d>[/|#,:@])(?:(?!(?P=d))[^\\\n]|\\.)*(?P=d)(?:(?!(?P=d))[^\\\n]|\\.)*(?P=d)[gpiI0-9]*)"
)


class Sign(NamedTuple):
    """A row of the table: what to look for, and whether it `starts` a program or `writes` a file."""

    program: str
    kind: str
    sign: str
    what: str
    source: str


def base_name(program: str) -> str:
    """Return the name of a program without its folder, as systems that ignore case find it."""
    name = re.split(r"[/\\]", program)[-1].casefold()
    return re.sub(r"\.(exe|cmd|bat|com)$", "", name)


@lru_cache(maxsize=1)
def read_table() -> Mapping[str, tuple[Sign, ...]]:
    """Return the rows by program, with its subcommand if the row has one."""
    found: dict[str, list[Sign]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        row = Sign(*line.split("\t"))
        found.setdefault(row.program, []).append(row)
    return {program: tuple(rows) for program, rows in found.items()}


def kinds_of(program: str) -> frozenset[str]:
    """Return the kinds of a program that need no argument: whether it is a shell, an interpreter and so on."""
    return frozenset(row.kind for row in _rows(base_name(program)) if row.sign == "-")


def find_signs(argv: Sequence[str], named: Sequence[str] = ()) -> tuple[Sign, ...]:
    """Return the rows because of which no prefix rule covers this argv. `named` are the tokens of the rule."""
    name = base_name(argv[0])
    arguments = [a for a in argv[1:] if a]
    words = [a for a in arguments if not a.startswith("-")]
    rows = [*_rows(name), *(row for word in words for row in read_table().get(f"{name} {word}", ()))]
    return tuple(row for row in rows if _shows(row, arguments, words, named))


def _rows(name: str) -> tuple[Sign, ...]:
    table = read_table()
    return table.get(name) or table.get(re.sub(r"[-.]?[0-9][0-9.]*$", "", name), ())


def _shows(  # noqa: PLR0911 - one case a kind
    row: Sign, arguments: Sequence[str], words: Sequence[str], named: Sequence[str]
) -> bool:
    match row.kind:
        case "option":
            return any(_is_option(a, row.sign) for a in _before_end(arguments))
        case "early":
            return any(_is_option(a, row.sign) for a in _leading(arguments))
        case "word":
            return row.sign in arguments
        case "begins":
            return any(a.startswith(row.sign) for a in arguments)
        case "holds":
            return any(row.sign in a for a in arguments)
        case "bundle":
            return bool(words) and bool(arguments) and words[0] == arguments[0] and row.sign in words[0]
        case "second":
            return len(words) > 1
        case "command":
            return row.sign in words and row.sign not in named[1:]
        case "script":
            return not _is_harmless_sed(arguments)
        case kind:
            return kind in WHOLE


def _is_option(argument: str, option: str) -> bool:
    """Return whether the argument is the option: with `=VALUE` or joined, in a cluster, or shortened."""
    if option.startswith("--"):
        given = argument.partition("=")[0]
        return given.startswith("--") and len(given) > 2 and option.startswith(given)
    if not argument.startswith("-") or argument.startswith("--"):
        return False
    return option[1] in argument[1:] if len(option) == 2 else argument.startswith(option)


def _before_end(arguments: Sequence[str]) -> Sequence[str]:
    """Return the arguments before `--`, unless an option before it may take it as its value."""
    for n, argument in enumerate(arguments):
        if argument == "--" and not (n and arguments[n - 1].startswith("-")):
            return arguments[:n]
    return arguments


def _leading(arguments: Sequence[str]) -> Sequence[str]:
    words = [n for n, a in enumerate(arguments) if not a.startswith("-")]
    return arguments[: words[0]] if words else arguments


def _is_harmless_sed(arguments: Sequence[str]) -> bool:
    options = [a for a in arguments if a.startswith("-")]
    words = [a for a in arguments if not a.startswith("-")]
    return all(o in _SED_OPTIONS for o in options) and bool(words) and bool(_SED.fullmatch(words[0]))
