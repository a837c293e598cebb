"""What drawings draw with: named styles of the current theme, and lines made of styled text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.content import Content
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions

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


class Wrapped(Strip):
    """A line that goes on in the next one; `glue` is what stood between the two before the text was wrapped."""

    __slots__ = ["glue"]

    def __init__(self, segments: Iterable[Segment], cell_length: int | None = None, glue: str = " ") -> None:
        super().__init__(segments, cell_length)
        self.glue = glue


class Brush:
    """Made anew for each theme. A style is a name of `STYLES`, or whatever Textual understands as one.

    With `wraps` it tells which lines are only wrapped: for copying and searching, too much for every frame. Without
    `colours` code is plain, and `plain` tells that there was some: what knows languages is 25 ms of imports.
    `key(action, usual)` names the key of an action as it is mapped.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        base: Style,
        *,
        wraps: bool = False,
        colours: bool = True,
        key: Callable[[str, str], str] = lambda _, usual: usual,
    ) -> None:
        self.base = base
        self.key = key
        self.colours = colours
        self.plain = False
        self._wraps = wraps
        self._variables = dict(variables)
        self._styles: dict[str, Style] = {}
        self._rich: dict[str, RichStyle] = {}
        self.options = RenderOptions(self._resolve, {})

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
        strips = content.render_strips(max(1, width), None, self.base + self.style(base), self.options)
        return _mark_wraps(content.plain, strips) if self._wraps and len(strips) > 1 else strips

    def text(
        self, text: str, width: int, style: str = "", first: Span = ("", ""), rest: Span | None = None
    ) -> list[Strip]:
        """Plain text wrapped, with a prefix on its first line and one (blank by default) on the others."""
        room = width - cell_len(first[0])
        return self.prefix(self.content(Content(text), room, style), first, rest)

    def prefix(self, strips: Iterable[Strip], first: Span, rest: Span | None = None) -> list[Strip]:
        """The same lines behind a prefix."""
        if not first[0] and not rest:
            return list(strips)
        rest = rest if rest is not None else (" " * cell_len(first[0]), "")
        heads = [Segment(first[0], self.rich(first[1])), Segment(rest[0], self.rich(rest[1]))]
        widths = (cell_len(first[0]), cell_len(rest[0]))
        return [
            like(strip, [heads[n > 0], *strip], widths[n > 0] + strip.cell_length) for n, strip in enumerate(strips)
        ]

    def _resolve(self, style: str | Style) -> Style:
        return self.style(style) if isinstance(style, str) else style


def like(strip: Strip, segments: Iterable[Segment], cell_length: int) -> Strip:
    """A line that is wrapped as this one is."""
    return Wrapped(segments, cell_length, strip.glue) if isinstance(strip, Wrapped) else Strip(segments, cell_length)


def _mark_wraps(text: str, strips: list[Strip]) -> list[Strip]:
    """The lines of a text, each that does not end with a newline of its own marked as wrapped."""
    at, spans = 0, []
    for strip in strips:
        line = strip.text.strip()
        start = text.find(line, at)
        if start < 0:
            return strips
        at = start + len(line)
        spans.append((start, at))
    made = list(strips)
    for n, (strip, (_, end), (start, _)) in enumerate(zip(strips[:-1], spans, spans[1:], strict=False)):
        glue = text[end:start]
        if "\n" not in glue:
            made[n] = Wrapped(strip, strip.cell_length, glue)
    return made


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


def column(text: str, width: int) -> str:
    """A figure against the right edge of its column, behind at least one blank; a longer one widens the column."""
    return " " * max(1, width - cell_len(text)) + text if text else " " * width
