"""The tools of every drawing: the named styles of the current theme, and lines of styled text."""

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
    """A line that continues in the next line. `glue` is the text that stood between the two before the wrapping."""

    __slots__ = ["glue"]

    def __init__(self, segments: Iterable[Segment], cell_length: int | None = None, glue: str = " ") -> None:
        super().__init__(segments, cell_length)
        self.glue = glue


class Brush:
    """Styles and lines of one theme. A style is a name in `STYLES`, or any style that Textual can parse.

    With `wraps`, the lines that continue are marked as `Wrapped`. Copying and searching need the marks; marking costs
    too much for every frame. Without `colours`, code is drawn plain and `plain` becomes true if there was code: the
    import of the languages takes 25 ms. `key(action, usual)` returns the name of the key that is mapped to an action.
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
        """Return a style on the background of the timeline."""
        found = self._rich.get(name)
        if found is None:
            found = self._rich[name] = (self.base + self.style(name)).rich_style
        return found

    def line(self, *spans: Span) -> Strip:
        """Return one line of styled pieces. The line is as long as its pieces."""
        return Strip([Segment(text, self.rich(name)) for text, name in spans if text])

    def content(self, content: Content, width: int, base: str = "") -> list[Strip]:
        """Wrap content to `width` cells."""
        strips = content.render_strips(max(1, width), None, self.base + self.style(base), self.options)
        return _mark_wraps(content.plain, strips) if self._wraps and len(strips) > 1 else strips

    def text(
        self, text: str, width: int, style: str = "", first: Span = ("", ""), rest: Span | None = None
    ) -> list[Strip]:
        """Wrap plain text to `width` cells, with `first` before its first line and `rest` (or blanks) before others."""
        room = width - cell_len(first[0])
        return self.prefix(self.content(Content(text), room, style), first, rest)

    def prefix(self, strips: Iterable[Strip], first: Span, rest: Span | None = None) -> list[Strip]:
        """Put a prefix before each line: `first` before the first line, `rest` before the others."""
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
    """Return a line that is wrapped as `strip` is."""
    return Wrapped(segments, cell_length, strip.glue) if isinstance(strip, Wrapped) else Strip(segments, cell_length)


def _mark_wraps(text: str, strips: list[Strip]) -> list[Strip]:
    """Mark each line of a text that does not end with a newline of the text as wrapped."""
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
    """Return `text` in exactly `width` cells: cut it with an ellipsis, or fill it with blanks."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip(" ·") + "…", width)


def right(text: str, width: int) -> str:
    """Return `text` in exactly `width` cells, aligned to the right edge."""
    return " " * max(0, width - cell_len(text)) + text if cell_len(text) <= width else fit(text, width)


def column(text: str, width: int) -> str:
    """Align a figure to the right edge of its column, after at least one blank. A longer figure widens the column."""
    return " " * max(1, width - cell_len(text)) + text if text else " " * width
