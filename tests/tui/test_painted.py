"""Whatever a widget is given to show, nothing of it acts on the terminal."""

from __future__ import annotations

import re

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widgets import OptionList, Static

from ralph.core.sanitise import ACTING
from ralph.tui.painted import harmless
from tests.tui.conftest import MakeApp

HOSTILE = "\x1b]0;PWNED\x07a\x9b2Jb\u202ec\r\U000e0041d"


def test_a_line_without_anything_hostile_is_itself() -> None:
    strip = Strip([Segment("plain words", Style(bold=True))])
    assert harmless(strip) is strip


def test_texts_and_links_are_cleaned() -> None:
    strip = harmless(Strip([Segment(HOSTILE, Style(link="http://x/\x1b]0;PWNED\x07", bold=True)), Segment("end")]))
    assert strip.text == "]0;PWNEDa2Jbcdend"
    assert [bool(s.style and s.style.link) for s in strip] == [False, False]
    assert next(iter(strip)).style == Style(bold=True)


async def test_every_widget_passes_it(make_app: MakeApp) -> None:
    """A notice, a list, a plain text: what none of the cleaning widgets knows of."""
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        app.notify(HOSTILE, title=HOSTILE, markup=False, timeout=60)
        await app.mount(Static(HOSTILE, markup=False), OptionList(HOSTILE, markup=False))
        await pilot.pause()
        text = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert text.count("]0;PWNEDa2Jbcd") >= 2
        assert not re.search(f"[{ACTING}]", text)
