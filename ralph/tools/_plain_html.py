"""The words of an HTML page without a library: no Markdown, but the text in its order.

The scan passes over the page once. The parser of the standard library needs time that grows with the square of the
length of a page that opens tags and never ends them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_SILENT = frozenset(("script", "style", "template", "svg", "iframe"))
# The elements that begin a line, in the words of a pattern.
_BREAKS = re.compile(
    r"address|article|aside|blockquote|body|br|dd|div|dl|dt|figcaption|footer|form|h[1-6r]|header|li|main|nav|ol|p|pre|"
    r"section|table|title|tr|ul"
)
_NAME = re.compile(r"</?([a-z][a-z0-9]{0,20})")


def plain_text(page: str) -> str:
    """Return the text of the page, a line for each block."""
    text = html.unescape("".join(_scan(page)))
    lines = (re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _scan(page: str) -> Iterator[str]:
    """Yield the text between the tags, and white space in the place of tags."""
    small = page.lower() if len(page.lower()) == len(page) else page
    at, end = 0, len(page)
    while at < end:
        start = small.find("<", at)
        yield page[at : start if start >= 0 else end]
        if start < 0:
            return
        tag = _NAME.match(small, start)
        if tag is None and small[start + 1 : start + 2] not in ("!", "?"):
            yield "<"  # a sign and no tag
            at = start + 1
            continue
        close = "-->" if small.startswith("<!--", start) else ">"
        at = _find_end(small, close, start + 1)
        name = tag[1] if tag else ""
        if name in _SILENT and small[start + 1] != "/":
            at = _find_end(small, ">", _find_end(small, f"</{name}", at))
        elif _BREAKS.fullmatch(name):
            yield "\n"
        elif name in ("td", "th"):
            yield " "


def _find_end(text: str, mark: str, start: int) -> int:
    """Return the position behind the mark; the end of the text if the mark does not come."""
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)
