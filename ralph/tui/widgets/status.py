"""The lines around the timeline: title and costs, activity, and keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from ralph.tui.brush import fit
from ralph.tui.text import one_line

# The fewest cells of a cut title.
TITLE = 10


class StatusBar(Widget):
    """The top line: title and model on the left, costs on the right.

    Parts that do not fit are left out, the least important first: the rest of the title, the provider of the model, the
    first figure, the title, the other figures from the last one. The model is cut last.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._left: Sequence[str] = ()
        self._right: Sequence[str] = ()

    def show(self, left: Sequence[str], right: Sequence[str]) -> None:
        """Show the parts. `left` has the name of the program, the titles, and the ref of the model."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render(self) -> Content:
        name, *titles, ref = [one_line(part) for part in self._left] or ["", ""]
        width = self.size.width - cell_len(name) - 1
        title, left, right = "", "", ""
        for title, left, right in self._layouts(" · ".join(t for t in titles if t), ref):
            if _cells(title, left) + cell_len(right) + 3 <= width:
                break
        room = max(0, width - cell_len(right) - 2)
        if title:
            whole = " · ".join(t for t in titles if t)
            title = fit(whole, min(cell_len(whole), room - _cells("", left) - 4)).rstrip()
        middle = "".join(f" · {part}" for part in (title, left) if part)
        return Content.assemble((f" {name}", "bold $step-user"), (fit(middle, room), ""), (f" {right} ", "$muted"))

    def _layouts(self, title: str, ref: str) -> Iterator[tuple[str, str, str]]:
        """Yield title, model and figures, the widest first."""
        title = title if cell_len(title) <= TITLE else title[:TITLE]
        model = ref.partition(":")[2] or ref
        figures = [one_line(r) for r in self._right if r]
        some, rest = " · ".join(figures), figures[1:] if len(figures) > 2 else figures
        yield title, ref, some
        yield title, model, some
        yield title, model, " · ".join(rest)
        yield "", model, " · ".join(rest)
        while rest:
            rest = rest[:-1]
            yield "", model, " · ".join(rest)


def _cells(title: str, left: str) -> int:
    return sum(cell_len(part) + 3 for part in (title, left) if part)


class HintLine(Widget):
    """The rule between timeline and prompt: the activity, the waiting messages, the lines out of sight."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._left: Sequence[str] = ()
        self._right = ""

    def show(self, left: Iterable[str], right: str) -> None:
        made = tuple(one_line(part) for part in left if part)
        if (made, right) != (self._left, self._right):
            self._left, self._right = made, right
            self.refresh()

    @property
    def text(self) -> str:
        return self.render().plain.strip("─ ")

    def render(self) -> Content:
        width = self.size.width
        right = f" {self._right} " if self._right else ""
        left = f" {' · '.join(self._left)} " if self._left else ""
        left = fit(left, min(cell_len(left), max(0, width - cell_len(right) - 4)))
        rule = "─" * max(0, width - cell_len(left) - cell_len(right) - 4)
        return Content.assemble(
            ("──", "$faint"), (left, "$muted"), (rule, "$faint"), (right, "bold $step-user"), ("──", "$faint")
        )


class KeyLine(Widget):
    """The bottom line: as many keys with their descriptions as fit."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._keys: Sequence[tuple[str, str]] = ()

    def show(self, keys: Sequence[tuple[str, str]]) -> None:
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def render(self) -> Content:
        parts: list[tuple[str, str]] = [(" ", "")]
        room = self.size.width - 1
        for n, (key, what) in enumerate(self._keys):
            mark = " · " if n else ""
            if room < cell_len(f"{mark}{key} {what}"):
                break
            parts += [(mark, "$faint"), (key, ""), (f" {what}", "$muted")]
            room -= cell_len(f"{mark}{key} {what}")
        return Content.assemble(*parts)
