"""Turns markdown into plain words, for places that show a few lines of an answer without layout."""

from __future__ import annotations

import re

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_HEAD = re.compile(r"^(\s*)(?:#{1,6}\s+|>\s?)+")
_BULLET = re.compile(r"^(\s*)[-*+]\s+(?:\[[ xX]\]\s+)?")
# A row of a table without words: `|---|:--:|`.
_RULE = re.compile(r"^\s*\|?[\s:|-]*-{2,}[\s:|-]*$")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_CODE = re.compile(r"(`+)(.+?)\1")
# `**` and `__` also if the other half was cut off; one star only around words.
_STRONG = re.compile(r"\*\*|(?<!\w)__(?=\w)|(?<=\w)__(?!\w)|~~")
_EM = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")


def plain_markdown(text: str) -> str:
    """Return the words of a markdown text, line by line, without marks of headings, emphasis, links, tables and code.

    Lines of code stay unchanged. A text that was cut inside a mark loses the mark too.
    """
    made: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif fence:
            made.append(line)
        elif not _RULE.match(line):
            made.append(_words(line))
    return "\n".join(made)


def _words(line: str) -> str:
    """Return the words of one line of prose."""
    line = _BULLET.sub(r"\1• ", _HEAD.sub(r"\1", line))
    if line.strip().startswith("|"):
        line = " · ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    parts: list[str] = []
    at = 0
    for code in _CODE.finditer(line):
        parts += [_prose(line[at : code.start()]), code[2].strip()]
        at = code.end()
    return "".join([*parts, _prose(line[at:])])


def _prose(text: str) -> str:
    return _EM.sub(r"\1", _STRONG.sub("", _LINK.sub(r"\1", text))).replace("```", "").replace("`", "")
