"""Searches lines for plain text, or for a regular expression with bounded cost."""

from __future__ import annotations

import re
from collections.abc import Callable

from ralph.core.llm.tool import ToolFailure

MAX_REPEATS = 2
MAX_PATTERN = 200
# With at most two open repeats, a line of this length costs at most some ten million steps.
MAX_REGEX_LINE = 400

Found = Callable[[str], int]

_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPEN_REPEAT = re.compile(r"[*+]|\{\d*,?\d*\}")


def finder(text: str, *, regex: bool, ignore_case: bool) -> Found:
    """Return a function that counts matches in a line. Raises `ToolFailure` for an invalid or unbounded expression."""
    if not regex:
        wanted = text.lower() if ignore_case else text
        return lambda line: (line.lower() if ignore_case else line).count(wanted)
    _refuse_runaways(text)
    try:
        compiled = re.compile(text, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as error:
        raise ToolFailure(f"'{text}' is not a valid regular expression: {error}") from None
    return lambda line: sum(1 for _ in compiled.finditer(line[:MAX_REGEX_LINE]))


def _refuse_runaways(pattern: str) -> None:
    """Refuse every repeated group, because backtracking explodes if a repeat contains a repeat."""
    if len(pattern) > MAX_PATTERN:
        raise ToolFailure(f"a regular expression may have {MAX_PATTERN} characters at most")
    bare = _ESCAPED.sub("x", pattern)
    if re.search(r"\)\s*[*+?{]", bare):
        raise ToolFailure("a group that repeats could take for ever to search for; write it without, or as plain text")
    if re.search(r"\\[1-9]|\(\?(?!:)", pattern):
        raise ToolFailure("back-references and look-arounds are not searched for; write it without them")
    if len(_OPEN_REPEAT.findall(bare)) > MAX_REPEATS:
        raise ToolFailure(f"a regular expression may have {MAX_REPEATS} repeats (*, +, {{…}}) at most")
