"""What drawings draw with: named styles of the current theme, and lines made of styled text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions

if TYPE_CHECKING:
    from ralph.tui.widgets.markdown import Markdown

STYLES: Mapping[str, str] = {
    "": "",
    "bold": "bold",
    "muted": "$muted",
    "faint": "$faint",
    "user": "bold $step-user",
    "route": "$step-route",
    "tool": "$step-tool",
    "format": "$step-format",
    "summarise": "$step-route",
    "note": "$muted",
    "ok": "$text-success",
    "skipped": "$muted",
    "running": "bold $step-user",
    "failed": "bold $text-error",
    "cancelled": "bold $text-warning",
    "interrupted": "bold $text-warning",
    "bar-rest": "$bar-rest",
    "code": "on $code-background",
    "md-code": "$code-inline on $code-background",
    "md-strong": "bold",
    "md-em": "italic",
    "md-strike": "strike",
    "md-link": "underline $step-user",
    "md-title": "bold $heading",
    "md-heading": "bold",
    "md-head": "bold",
}

Span = tuple[str, str]


class Brush:
    """Made anew for each theme. A style is a name of `STYLES`, or whatever Textual understands as one."""

    def __init__(self, variables: Mapping[str, str], base: Style) -> None:
        self.base = base
        self._variables = dict(variables)
        self._styles: dict[str, Style] = {}
        self._rich: dict[str, RichStyle] = {}
        self._markdown: Markdown | None = None
        self.options = RenderOptions(self._resolve, {})

    @property
    def markdown(self) -> Markdown:
        """The renderer of answers; its parser is imported when the first one is drawn (19 ms)."""
        if self._markdown is None:
            from ralph.tui.widgets.markdown import Markdown

            self._markdown = Markdown(self)
        return self._markdown

    def style(self, name: str) -> Style:
        found = self._styles.get(name)
        if found is None:
            found = self._styles[name] = Style.parse(STYLES.get(name, name), self._variables)
        return found

    def rich(self, name: str = "") -> RichStyle:
        """The style on the timeline's own background."""
        found = self._rich.get(name)
        if found is None:
            found = self._rich[name] = (self.base + self.style(name)).rich_style
        return found

    def line(self, *spans: Span) -> Strip:
        """One line of styled pieces, as long as they are."""
        return Strip([Segment(text, self.rich(name)) for text, name in spans if text])

    def content(self, content: Content, width: int, base: str = "") -> list[Strip]:
        """Content wrapped to a width."""
        return content.render_strips(max(1, width), None, self.base + self.style(base), self.options)

    def text(
        self, text: str, width: int, style: str = "", first: Span = ("", ""), rest: Span | None = None
    ) -> list[Strip]:
        """Plain text wrapped, with a prefix on its first line and one (blank by default) on the others."""
        room = width - cell_len(first[0])
        return self.prefixed(self.content(Content(text), room, style), first, rest)

    def prefixed(self, strips: Iterable[Strip], first: Span, rest: Span | None = None) -> list[Strip]:
        """The same lines behind a prefix."""
        if not first[0] and not rest:
            return list(strips)
        rest = rest if rest is not None else (" " * cell_len(first[0]), "")
        heads = [Segment(first[0], self.rich(first[1])), Segment(rest[0], self.rich(rest[1]))]
        widths = (cell_len(first[0]), cell_len(rest[0]))
        return [Strip([heads[n > 0], *strip], widths[n > 0] + strip.cell_length) for n, strip in enumerate(strips)]

    def _resolve(self, style: str | Style) -> Style:
        return self.style(style) if isinstance(style, str) else style


def fit(text: str, width: int) -> str:
    """Exactly this many cells: cut with an ellipsis, or filled with blanks."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip(" ·") + "…", width)


def right(text: str, width: int) -> str:
    """The same, against the right edge."""
    return " " * max(0, width - cell_len(text)) + text if cell_len(text) <= width else fit(text, width)
