"""What to look for in lines: a plain text, or a regular expression that cannot run away."""

from __future__ import annotations

import re
from collections.abc import Callable

from ralph.core.llm.tool import ToolFailure

MAX_REPEATS = 2
MAX_PATTERN = 200
# With at most two open repeats, a line of this length costs some ten million steps at worst.
MAX_REGEX_LINE = 400

Found = Callable[[str], int]

_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_OPEN_REPEAT = re.compile(r"[*+]|\{\d*,?\d*\}")


def finder(text: str, *, regex: bool, ignore_case: bool) -> Found:
    """How often a line holds it. Raises `ToolFailure` for a regular expression that is wrong or could take for ever."""
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
    """Backtracking explodes where a repeat holds a repeat; a repeated group is refused, whatever is in it."""
    if len(pattern) > MAX_PATTERN:
        raise ToolFailure(f"a regular expression may have {MAX_PATTERN} characters at most")
    bare = _ESCAPED.sub("x", pattern)
    if re.search(r"\)\s*[*+?{]", bare):
        raise ToolFailure("a group that repeats could take for ever to search for; write it without, or as plain text")
    if re.search(r"\\[1-9]|\(\?(?!:)", pattern):
        raise ToolFailure("back-references and look-arounds are not searched for; write it without them")
    if len(_OPEN_REPEAT.findall(bare)) > MAX_REPEATS:
        raise ToolFailure(f"a regular expression may have {MAX_REPEATS} repeats (*, +, {{…}}) at most")
