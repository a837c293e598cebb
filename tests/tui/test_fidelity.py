"""What a stream shows at its end is what the stored text shows, however it was cut; nothing in it breaks the screen."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.strip import Strip

from ralph.tui.markdown import stream_doc
from ralph.tui.markdown.parts import PART_CHARS, PART_LINES, Part, split
from ralph.tui.text import ScreenCleaner, clean
from ralph.tui.timeline.answers import AnswerDrawing, LiveDrawing
from tests.tui.conftest import MakeApp
from tests.tui.play import Gate, Play, turn
from tests.tui.see import ask, brush, lines, plain, screen, settled, text, until, write
from tests.tui.test_markdown import FIXTURES, sentence

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

HARD = {
    **FIXTURES,
    "unclosed fence after a list": "- one\n- two\n\n```python\nx = 1\n",
    "unclosed fence in a quote": "> ```\n> code\n> more",
    "fence with a long mark": "`````md\n```\ninner\n```\n`````\nafter",
    "deep lists": "\n".join("  " * n + f"- level {n}" for n in range(8)),
    "numbers in bullets": "- a\n  1. one\n  2. two\n     - x\n- b\n  7. seven",
    "lists of two kinds": "- a\n- b\n* c\n1. d\n2) e",
    "lazy quote": "> a\nb\n> c\n\nd",
    "table without an end": "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 ",
    "ragged table": "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n",
    "table after text": "words\n| a | b |\n|:-:|---|\n| x\\|y | `a|b` |\n",
    "setext": "Title\n===\n\nSub\n---\nnot sub\n\n---\n",
    "setext over lines": "one\ntwo\n===\nthree",
    "html": "<details>\n<summary>x</summary>\n\n- a\n</details>\n\ntext <br> text <!-- no -->",
    "references": "[a][1] and [b] and ![i][1]\n\n[1]: https://example.org 'T'\n[b]: <https://b.example>",
    "links in lists": "- [a](https://a.example)\n- <https://b.example>\n- [c](c 'title')",
    "one long word": "x" * 900,
    "one long line": sentence(300),
    "long url": "see https://example.org/" + "path/" * 60,
    "open emphasis": "**bold and *more\n\nnext** [link](https://x.example",
    "indented code": "text\n\n    code\n    more\n\ntext",
    "hard breaks": "one  \ntwo\\\nthree",
    "entities": "&amp; &lt;b&gt; &copy; &#x1F600;",
    "escapes": "\\*no\\* \\[x\\] \\`y\\`",
    "formulas": "Euler: \\(a\\,b\\) and $\\frac{a}{b}$, $x*y*z$ \\*no\\*\n\n\\[ \\int x\\,dx \\]\n\nend",
    "formula in lines": "So:\n\\[\n- x \\\\\n+ y\n= 3\n\\]\nand\n\n$$\na \\, b\n$$\n- x",
    "formula in a list": "- one\n  $$\n  a \\\\\n  - b\n  $$\n- two \\(\\{z\\}\\)\n\n> \\[\n> x\n> \\]\n> q",
    "formula without an end": "\\[ open\n- a\n- b\n\n\\(open and $5\n\n$$\n\n# x\n\n\\begin{a}\n* q\n",
    "matrix": "\\begin{pmatrix}\na & b \\\\\nc & d\n\\end{pmatrix}\n\ntext",
    "long formula": sentence(40) + "\n\n$$\n" + "+ x_{1} \\, y \\\\\n" * 30 + "$$\n\n" + sentence(40),
    "formulas in a long line": (sentence(30) + " \\(a\\,b\\) and $c\\;d$ for \\$5 ") * 12,
    "rich markup": "[red]x[/red] [link=https://x]y[/link] [@click=app.quit]z[/]",
    "crlf": "one\r\n\r\n- two\r\n- three\r\n",
    "tabs": "a\tb\n\n-\tc\n\n\tcode",
}


# What only the end of a text can tell: where a reference leads that is defined there.
LATE = {"references"}


def streamed(source: str, cuts: list[int], width: int) -> list[str]:
    """Fed in pieces, drawn after each."""
    drawing, cleaner, paint = LiveDrawing(), ScreenCleaner(), brush()
    at = 0
    for cut in [*sorted(cuts), len(source)]:
        drawing.feed(cleaner.feed(source[at:cut]))
        drawing.draw(paint, width)
        at = cut
    return plain(drawing.draw(paint, width))


def stored(source: str, width: int) -> list[str]:
    paint = brush()
    return plain(line for part in split(source) for line in AnswerDrawing(part).draw(paint, width))


def whole(source: str, width: int) -> list[str]:
    """In one piece, however long it is."""
    return plain(AnswerDrawing(Part(source)).draw(brush(), width))


@settings(max_examples=120)
@given(st.sampled_from(sorted(set(HARD) - LATE)), st.sampled_from([24, 60, 100]), st.data())
def test_any_cut_of_any_fixture_ends_as_the_stored_text(name: str, width: int, data: st.DataObject) -> None:
    source = HARD[name]
    cuts = data.draw(st.lists(st.integers(0, len(source)), max_size=8))
    assert streamed(source, cuts, width) == stored(source, width)


@pytest.mark.parametrize("name", sorted(set(HARD) - LATE))
def test_one_character_at_a_time(name: str) -> None:
    source = HARD[name]
    cuts = list(range(len(source))) if len(source) < 250 else random.Random(1).sample(range(len(source)), 60)
    assert streamed(source, cuts, 70) == stored(source, 70)


MADE = st.lists(
    st.sampled_from(
        [*(FIXTURES[n] for n in sorted(FIXTURES)), "a", "\n", "```", "- x", "> q", "| a |\n|---|\n", "  y"]
    ),
    max_size=6,
).map("\n\n".join)


@settings(max_examples=60)
@given(MADE, st.data())
def test_any_cut_of_any_mixture(source: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(source)), max_size=6))
    whole = stored(source, 60)
    assert streamed(source, cuts, 60) == whole if short(source) else bare(streamed(source, cuts, 60)) == bare(whole)


def short(source: str) -> bool:
    """Whether all of it is a tail: what is frozen cannot know yet whether the items of its list stand apart."""
    return len(source) <= stream_doc.TAIL[0] and source.count("\n") <= stream_doc.TAIL[1]


def bare(rows: list[str]) -> list[str]:
    return [row for row in rows if row.strip(" ▌")]


async def test_a_turn_that_has_ended_shows_the_stored_text(play: Play, make_app: MakeApp) -> None:
    """Every fixture through the screen, also those whose stream could not know."""
    names = sorted(HARD)
    play.script = lambda n, p, c: turn(n, p, HARD[p], tools=False)
    app = make_app()
    async with app.run_test(size=(90, 40)) as pilot:
        for name in names:
            await ask(pilot, name)
        shown = "\n".join(lines(app))
        width = app.view.model.width
        assert play.timeline().turns[-1].text == HARD[names[-1]]
    for name in names:
        assert "\n".join(stored(HARD[name], width)).rstrip() in shown, name


def hundred_thousand(line: str, join: str = "\n") -> str:
    return join.join(line.replace("#", str(n)) for n in range(100_000 // (len(line) + len(join))))


HUGE = {
    "paragraphs": hundred_thousand("paragraph # with some words in it", "\n\n"),
    "list": hundred_thousand("- item # with some words in it"),
    "loose list": hundred_thousand("- item # with some words in it", "\n\n"),
    "numbered": "\n".join(f"{n + 5}. item {n} with some words" for n in range(3000)),
    "fence": "```python\n" + hundred_thousand("value_# = 1  # note") + "\n```",
    "open fence": "```\n" + hundred_thousand("line # of it"),
    "headings": hundred_thousand("## heading #", "\n\n"),
    "quotes": hundred_thousand("> quoted # words", "\n\n"),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_hundred_thousand_characters_of_one_kind(name: str) -> None:
    """The parts are small, and joined they show what the whole shows."""
    source = HUGE[name]
    shown = [part.source() for part in split(source)]
    assert max(map(len, shown)) < 5 * PART_CHARS
    assert max(text.count("\n") for text in shown) < 5 * PART_LINES
    assert stored(source, 80) == whole(source, 80)


@pytest.mark.parametrize("name", ["paragraphs", "list", "numbered", "fence", "open fence", "headings"])
def test_a_long_stream_ends_as_the_stored_text(name: str) -> None:
    source = HUGE[name][:30_000]
    assert streamed(source, list(range(0, len(source), 700)), 80) == stored(source, 80)


def test_a_table_longer_than_a_part_keeps_its_head_and_its_rows() -> None:
    rows = "\n".join(f"| {n:05} | words |" for n in range(2000))
    shown = stored(f"| number | text |\n|---|---|\n{rows}\n\nend", 60)
    assert [row.split() for row in shown[:3]] == [["number", "│", "text"], ["───────┼──────"], ["00000", "│", "words"]]
    assert sum("│ words" in row for row in shown) == 2000
    assert shown[-2:] == ["", "   end"]


EVIL = {
    "clipboard": "\x1b]52;c;aGVsbG8=\x07",
    "clear": "\x1b[2J\x1b[H",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "bell": "\x07\x07",
    "c1": "\x9b2J\x9d52;c;aGVsbG8=\x9c\x90q\x9c",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069",
    "backspace": "safe\b\b\b\bevil",
    "carriage return": "safe\revil",
    "markup": "[red]x[/red] [/] [@click=app.quit]y[/] [bold",
    "tags": "a\U000e0041\U000e0042b\u200bc",
    "broken": "\x1b[",
    "surrogate": "\ud83d",
}


def harmless(strips: list[Strip]) -> bool:
    """No character that a terminal obeys, and no link or action in a style."""
    for strip in strips:
        for segment in strip:
            if segment.control or any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2066" for c in segment.text):
                return False
            if segment.style and (segment.style.link or "@click" in segment.style.meta):
                return False
    return True


@pytest.mark.parametrize("name", EVIL)
async def test_nothing_that_comes_breaks_the_screen(play: Play, make_app: MakeApp, name: str) -> None:
    """In a prompt, thinking, a tool's output, an answer (whole and in pieces), unfolded too."""
    evil = EVIL[name]
    gate = Gate()
    pieces = [
        f"before {evil[: len(evil) // 2]}",
        f"{evil[len(evil) // 2 :]} and after\n\n```\n{evil}\n```\n\n- {evil}",
        ".",
    ]
    play.script = lambda n, p, c: turn(
        n,
        f"asked {evil}",
        pieces=pieces,
        gate=gate,
        thinking=f"thought {evil}",
        output=f"first {evil}\nsecond {evil} |",
    )
    app = make_app()
    async with app.run_test(size=(90, 40)) as pilot:
        await write(pilot, "hello", "enter")
        await until(pilot, lambda: "before" in text(app))
        gate.opened.set()
        await until(pilot, lambda: settled(app, 1))
        for keys in ((), ("ctrl+o",), ("ctrl+t",)):
            await pilot.press(*keys)
            model = app.view.model
            harmful = [s.text for n in range(len(model)) for s in app.view.strips(n) if not harmless([s])]
            assert not harmful
        shown = text(app)
        assert all(words in shown for words in ("asked", "thought", "second", "after"))
        assert len(screen(app)) == app.view.size.height
        if name == "markup":
            assert shown.count("[red]x[/red]") >= 5


async def test_long_outputs_and_thinking_are_folded(play: Play, make_app: MakeApp) -> None:
    output = "\n".join(f"row {n}" for n in range(500))
    play.script = lambda n, p, c: turn(n, p, output=output, thinking="a secret thought")
    app = make_app()
    async with app.run_test(size=(90, 40)) as pilot:
        await ask(pilot, "hello")
        assert "(+499 lines)" in text(app)
        assert "row 1" not in text(app)
        assert "secret" not in text(app)
        await pilot.press("ctrl+o")
        assert "│ row 199" in text(app)
        assert "… 300 more lines" in text(app)
        assert sum("row 4" in line for line in lines(app)) < 30


@given(st.text(alphabet="a\x1b]52;c\x07[2J\x9b\x9d\x9c\r\n\u202e日", max_size=40), st.data())
def test_cleaned_in_pieces_is_cleaned(words: str, data: st.DataObject) -> None:
    cleaner = ScreenCleaner()
    cut = data.draw(st.integers(0, len(words)))
    made = cleaner.feed(words[:cut]) + cleaner.feed(words[cut:])
    assert not set(made) & set("\x1b\x07\x9b\x9d\x9c\r\u202e")
    assert clean(made) == made
