r"""Formulas in markdown keep their source on the screen: nothing renders TeX here, and TeX is lost without backslashes.

A formula stands between `\( \)` or `$ $` in a line, between `\[ \]` or `$$ $$`, or from `\begin{x}` to `\end{x}`. Its
text is neither markup nor an escape. Outside of formulas CommonMark's escapes apply (`\*` is `*`), and code does not
change. These are not formulas: `\[1\]` in a line with other text, if no TeX is between the brackets; a delimiter
without its other half; amounts (`$5 to $6`), whose `$` has a blank at its inner side or a letter or digit at its outer
side. An opening bracket right after a letter or a colon keeps its backslash anyway.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

# The closing delimiter and the greatest length of a formula within a line, by the opening one. A stream is never cut
# within a formula.
_ENDS = {"\\(": ("\\)", 500), "\\[": ("\\]", 2000), "$$": ("$$", 2000), "$": ("$", 200)}
_ENVIRONMENT = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
# TeX, which distinguishes a formula in brackets from escaped brackets.
_TEX = re.compile(r"\\[A-Za-z,;:!{}\\ ]|[\^_={}]")
_MARKS = " \t>-+*0123456789.)"
# The greatest number of lines of a formula that stands alone. A longer paragraph is no formula.
_LINES = 60


def add_formulas(parser: MarkdownIt) -> None:
    """Add the block rule and the inline rule of formulas to a parser."""
    parser.block.ruler.before("fence", "formula", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.inline.ruler.before("escape", "formula", _inline)


def open_at(lines: Sequence[str], end: int) -> bool:
    """Return whether a formula that began before line `end`, after the last blank line, may continue there."""
    first = end
    while first > 0 and end - first < _LINES and lines[first - 1].strip(" \t>"):
        first -= 1
    closing = ""
    for line in lines[first:end]:
        text = line.strip(_MARKS) if not closing else line.rstrip(" \t.,;")
        if not closing:
            closing = _closing(text)
            text = text.rstrip(" \t.,;")[2:]
        if closing and text.endswith(closing):
            closing = ""
    return bool(closing)


def open_in(text: str, end: int) -> bool:
    """Return whether a formula within a line that began before position `end` may continue there."""
    for opening, (closing, most) in _ENDS.items():
        near = text[max(0, end - most) : end]
        if opening == closing:
            if near.count(opening) % 2:
                return True
        elif near.rfind(opening) > near.rfind(closing):
            return True
    return False


def _closing(text: str) -> str:
    """Return the delimiter that closes the formula that a line opens, or "" if the line opens none."""
    if text.startswith("\\["):
        return "\\]"
    if text.startswith("$$"):
        return "$$"
    found = _ENVIRONMENT.match(text)
    return f"\\end{{{found[1]}}}" if found else ""


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a formula on lines of its own. Otherwise its signs would begin lists, and its newlines become blanks."""
    if state.is_code_block(start):
        return False
    text = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    closing = _closing(text)
    if not closing:
        return False
    at, shown = start, text.rstrip(" \t.,;")[2:]
    while not shown.endswith(closing):
        at += 1
        if at >= end or at - start > _LINES or state.isEmpty(at) or state.sCount[at] < state.blkIndent:
            return False
        shown = state.src[state.bMarks[at] : state.eMarks[at]].rstrip(" \t.,;")
    if closing in text[2:].rstrip(" \t.,;")[: -len(closing)]:
        return False  # several formulas with words between them: a paragraph
    if silent:
        return True
    state.line = at + 1
    token = state.push("paragraph_open", "p", 1)
    token.map = [start, state.line]
    token = state.push("inline", "", 0)
    token.content = state.getLines(start, state.line, state.blkIndent, False).strip()
    token.map = [start, state.line]
    token.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _inline(state: StateInline, silent: bool) -> bool:
    text, at = state.src, state.pos
    found = _within(text, at, state.posMax)
    if found is None and at and text.startswith("\\(", at) and (text[at - 1].isalnum() or text[at - 1] == ":"):
        found = at + 2  # a path (`C:\(x86)`) or a pattern: nobody escapes a bracket there
    if found is None:
        return False
    if not silent:
        token = state.push("text", "", 0)
        token.content = state.src[state.pos : found]
        if not _stands_alone(state.src, state.pos):
            token.content = token.content.replace("\n", " ")
    state.pos = found
    return True


def _within(text: str, at: int, end: int) -> int | None:
    """Return the end of the formula that begins at `at`, or None."""
    if found := _ENVIRONMENT.match(text, at, end):
        return _after(text, at + 2, f"\\end{{{found[1]}}}", min(end, at + _ENDS["$$"][1]))
    opening = text[at : at + 2] if text[at : at + 2] in _ENDS else text[at]
    if opening not in _ENDS:
        return None
    closing, most = _ENDS[opening]
    if opening == "$":
        return _dollars(text, at, min(end, at + most))
    after = _after(text, at + 2, closing, min(end, at + most))
    if after is None or not text[at + 2 : after - 2].strip():
        return None
    if opening != "\\[" or _TEX.search(text, at + 2, after - 2):
        return after
    alone = _stands_alone(text, at) and not text[after:].partition("\n")[0].strip(" \t.,;")
    return after if alone else None


def _after(text: str, first: int, closing: str, end: int) -> int | None:
    found = text.find(closing, first, end)
    while found > 0 and closing[0] == "\\" and text[found - 1] == "\\" and text[found - 2] != "\\":
        found = text.find(closing, found + 1, end)  # `\\]` is an escaped backslash and a bracket
    return None if found < 0 else found + len(closing)


def _dollars(text: str, at: int, end: int) -> int | None:
    first, last = at + 1, text.find("$", at + 1, end)
    while last > 0 and text[last - 1] == "\\":
        last = text.find("$", last + 1, end)
    if last <= first or text[first].isspace() or text[last - 1].isspace() or "`" in text[first:last]:
        return None
    outside = text[at - 1 : at] + text[last + 1 : last + 2]
    return None if any(c.isalnum() or c == "$" for c in outside) else last + 1


def _stands_alone(text: str, at: int) -> bool:
    """Return whether a formula begins a line and has a delimiter for lines of its own."""
    return text.startswith(("\\[", "$$", "\\begin{"), at) and not text[:at].rpartition("\n")[2].strip()
