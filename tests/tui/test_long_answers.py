"""Long answers: in parts they show what they show in one piece, and what is streamed costs no more at its end."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ralph.tui.markdown import leaves, rest, stream_doc, strips
from ralph.tui.markdown.parts import PART_CHARS, Part, _read, split
from ralph.tui.markdown.stream_doc import StreamDoc
from ralph.tui.timeline.answers import AnswerDrawing, LiveDrawing
from tests.tui.see import brush, plain
from tests.tui.test_fidelity import HARD, bare, stored, streamed, whole
from tests.tui.test_markdown import LONG, sentence

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

PARAGRAPHS = "\n\n".join(f"{n} {sentence(20, n)}" for n in range(100))
BULLETS = "\n".join(f"- {n} {sentence(14, n)}" for n in range(120))
CODE = "\n".join(f"value_{n} = compute({n}, name='x')" for n in range(300))


def indented(text: str, by: str) -> str:
    return "\n".join(by + line for line in text.split("\n"))


TRAPS = {
    "footnotes": f"Words[^1].\n\n{PARAGRAPHS}\n\n[^1]: See the paper by Smith and Jones.",
    "numbered notes": f"{PARAGRAPHS.replace('0 ', '0 [1] ')}\n\n[1]: Smith, J. (2020), some title.",
    "definitions": f"[a] [b]\n\n{PARAGRAPHS}\n\n[a]: https://a.example\n[b]:\nhttps://b.example\n  'a title'\n\n[a]",
    "a definition in a fence": f"{PARAGRAPHS}\n\nsee [foo]\n\n```md\n[foo]: https://x.example\n```\n",
    "a definition and an open fence": f"{PARAGRAPHS}\n\n[ref]: https://x.example\n\nsee [ref]\n\n```python\nx = 1\n",
    "inline code at a line's start": f"```code``` is inline\n\n{BULLETS}\n\nend",
    "marks indented in a fence": f"```markdown\n# doc\n\n    ```\n    code\n\nmore\n```\n\n{BULLETS}\n\nend",
    "a comment": f"<!--\n{PARAGRAPHS}\n-->\n\nend",
    "pre": f"<pre>\n{PARAGRAPHS}\n</pre>\n\nend",
    "all ones, nested": "\n".join(f"1. item {n} {sentence(12, n)}\n   - nested {n}" for n in range(120)),
    "from zero": "\n".join(f"{n}. item {sentence(12, n)}" for n in range(150)),
    "loose at its end": f"{BULLETS}\n\n- last",
    "a growing table": "| a | b |\n|---|---|\n" + "\n".join(f"| {n} | {'x' * (n // 10)} |" for n in range(500)),
    "a table of markup": "| a | b |\n|--:|---|\n"
    + "\n".join(f"| **{n}** | `x` {'y' * (n % 40)} |" for n in range(400)),
    "a list with a fence": f"1. Create `main.py`:\n\n   ```python\n{indented(CODE, '   ')}\n   ```\n2. Run it",
    "a list with an open fence": f"1. Create `main.py`:\n\n   ```python\n{indented(CODE, '   ')}",
    "fences in items": "\n".join(f"- item {n}\n\n  ```py\n  x = {n}\n\n  y\n  ```\n" for n in range(200)),
    "a fence in a quote": f"> said\n>\n> ```python\n{indented(CODE, '> ')}\n> ```\n> end",
    "blank lines in a fence": "```\n\n\n" + "\n\n\n\n\n".join(f"line {n}" for n in range(900)) + "\n\n```\nend",
    "a quoted paragraph": "\n".join(f"> {n} {sentence(14, n)}" for n in range(150)),
    "a nested list": "- a\n" + "\n".join(f"  - sub {n} {sentence(12, n)}" for n in range(150)),
    "numbers in an item": "- a\n\n" + "\n".join(f"  {n}. sub {sentence(12, n)}" for n in range(5, 150)) + "\n- b",
    "html": "<div>\n" + "\n".join(f"{n} {sentence(14, n)}" for n in range(150)),
    "indented code": "text\n\n" + indented(CODE, "    "),
    "wide letters": "日本語のテキスト" * 1500,
    "one long paragraph": " ".join(f"**{n}** `code` *and* {sentence(9, n)}" for n in range(200)),
}
# What only the end of a text can tell, where its first lines are frozen already.
LATE = {"definitions", "a growing table", "a table of markup", "loose at its end"}


@pytest.mark.parametrize("width", [40, 110])
@pytest.mark.parametrize("name", [*TRAPS, *LONG])
def test_the_parts_of_a_long_answer_show_what_the_whole_shows(name: str, width: int) -> None:
    source = {**TRAPS, **LONG}[name]
    assert len(split(source)) > 1
    assert stored(source, width) == whole(source, width)


@pytest.mark.parametrize("name", sorted(HARD))
def test_a_fixture_many_times_over_shows_what_it_shows_in_one_piece(name: str) -> None:
    source = (HARD[name] + "\n\n") * (2 * PART_CHARS // len(HARD[name]) + 2)
    assert len(split(source)) > 1
    assert stored(source, 70) == whole(source, 70)


@settings(max_examples=20)
@given(st.permutations(sorted(HARD)), st.sampled_from([30, 90]))
def test_all_fixtures_in_any_order(names: list[str], width: int) -> None:
    source = "\n\n".join(HARD[name] for name in names)
    assert len(split(source)) > 1
    assert stored(source, width) == whole(source, width)


def test_a_note_that_defines_nothing_is_shown_once() -> None:
    for name in ("footnotes", "numbered notes"):
        assert sum("Smith" in row for row in stored(TRAPS[name], 80)) == 1


def test_nothing_is_read_before_a_part_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reopened timeline has thousands of answers."""
    monkeypatch.setattr(leaves, "read", None)
    monkeypatch.setattr(strips, "read", None)
    parts = split(PARAGRAPHS + "[unlike any other]")
    assert sum(AnswerDrawing(part).guess(80) for part in parts) > 100
    with pytest.raises(TypeError):
        AnswerDrawing(parts[0]).draw(brush(), 80)


def test_a_whole_is_read_once_for_all_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = leaves.read
    monkeypatch.setattr(leaves, "read", lambda text: (read.append(text), real(text))[1])
    source = PARAGRAPHS + "\n\nread once"
    assert stored(source, 80) == stored(source, 80)
    assert read == [source]


@pytest.mark.parametrize("name", sorted(set(TRAPS) - LATE))
def test_a_long_stream_ends_as_the_whole(name: str) -> None:
    source = TRAPS[name][:12_000]
    made = random.Random(name)
    cuts = sorted(made.sample(range(len(source)), 25))
    assert streamed(source, cuts, 70) == whole(source, 70)


@contextmanager
def short_tails() -> Iterator[None]:
    """So that every fixture is cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_doc, "TAIL", (60, 4))
        patch.setattr(stream_doc, "KEEP", (20, 2))
        patch.setattr(stream_doc, "PARAGRAPH", 90)
        yield


@pytest.mark.parametrize("name", sorted(set(HARD) - {"references", "nested"}))
@pytest.mark.parametrize("width", [24, 70])
def test_wherever_a_fixture_is_cut_it_ends_as_the_whole(name: str, width: int) -> None:
    source = HARD[name]
    made = random.Random(name)
    for _ in range(3):
        with short_tails():
            cuts = made.sample(range(len(source)), min(len(source), 20))
            assert streamed(source, cuts, width) == whole(source, width)


LINES = [
    *("- a", "- b b", "1. x", "2. y", "* s", "10. ten", "-", "- - n", "  - sub", "  two", "   more", "  1. in"),
    *(
        "> q",
        "> - qi",
        "> ",
        "> > qq",
        "1. > q",
        "> ```",
        "```",
        "```py",
        "   ```",
        "  ```",
        "- ```py",
        "~~~",
        "   x = 1",
    ),
    *("", "", "", "", "    code", "      deep", "# h", "---", "===", "words and more words", "`a` **b**", "日本語" * 9),
    *("| a | b |", "|---|---|", "| 1 | 2 |", "<div>", "</div>", "<!-- x", "-->", "<pre>", "</pre>", "\\"),
]


@settings(max_examples=80)
@given(st.lists(st.sampled_from(LINES), min_size=5, max_size=30), st.randoms(use_true_random=False))
def test_any_lines_cut_anywhere_end_as_the_whole(lines: list[str], made: random.Random) -> None:
    """But for the air between the items of lists that began before the tail, and a long paragraph that a last line
    makes a heading."""
    source = "\n".join(lines)
    assume(all(row.leaf.kind != "heading" or len(row.leaf.text) <= 90 for row in leaves.read(source)[0]))
    with short_tails():
        shown = streamed(source, [made.randrange(len(source) + 1) for _ in range(20)], 40)
    assert bare(shown) == bare(whole(source, 40))


NO_LISTS = [text for text in HARD.values() if not re.search(r"[-*\[]|\d[.)]", text)]


@settings(max_examples=40)
@given(st.lists(st.sampled_from(NO_LISTS), min_size=2, max_size=5).map("\n\n".join), st.randoms(use_true_random=False))
def test_blank_lines_stand_where_they_stand_in_the_whole(source: str, made: random.Random) -> None:
    with short_tails():
        assert streamed(source, [made.randrange(len(source)) for _ in range(20)], 60) == whole(source, 60)


def test_what_was_defined_above_leads_somewhere_below() -> None:
    source = f"[one]: https://one.example\n[one]: https://two.example\n\n{PARAGRAPHS}\n\nsee [one]"
    shown = streamed(source, list(range(0, len(source), 50)), 70)
    assert shown[-1] == "   see one (https://one.example)"
    assert shown == whole(source, 70)


def test_a_reference_changes_what_is_still_in_the_tail() -> None:
    live, paint = LiveDrawing("see [one]\n\n"), brush()
    assert plain(live.draw(paint, 60)) == ["   see [one]"]
    live.feed("[one]: https://one.example\n")
    assert plain(live.draw(paint, 60)) == ["   see one (https://one.example)"]


class Work:
    """What the flushes of a stream read and draw."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.read = self.drawn = self.coloured = 0
        real_read, real_leaf, real_colours = rest.read, strips.Markdown.leaf, strips._highlight

        def read(text: str, *rest: Any) -> Any:
            self.read += len(text)
            return real_read(text, *rest)

        def leaf(self_: Any, *values: Any) -> Any:
            made = real_leaf(self_, *values)
            self.drawn += len(made)
            return made

        def colours(source: str, language: str) -> Any:
            self.coloured += len(source)
            return real_colours(source, language)

        patch.setattr(rest, "read", read)
        patch.setattr(strips.Markdown, "leaf", leaf)
        patch.setattr(strips, "_highlight", colours)

    def of(self, doc: StreamDoc, piece: str) -> tuple[int, int, int]:
        self.read = self.drawn = self.coloured = 0
        doc.feed(piece)
        doc.render()
        return self.read, self.drawn, self.coloured


@pytest.mark.parametrize("name", sorted({**TRAPS, **LONG}))
def test_a_flush_does_no_more_work_late_in_a_stream(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is that does not end: a fence in an item, a quote, a nested list, words without spaces."""
    source = {**TRAPS, **LONG}[name]
    doc, work = StreamDoc(strips.Markdown(brush()), 80), Work(monkeypatch)
    done = [work.of(doc, source[at : at + 130]) for at in range(0, len(source), 130)]
    assert len(done) > 60
    read, drawn, coloured = (max(each) for each in zip(*done, strict=True))
    # A cut reads the tail twice, and half a paragraph to find where its lines end.
    assert read < 4 * stream_doc.TAIL[0]
    assert drawn < 120
    assert coloured < 1500
    assert sum(each[1] for each in done) < 2 * len(doc.lines) + 24 * len(done)


def test_parts_are_read_again_when_they_were_forgotten() -> None:
    source = f"{PARAGRAPHS}\n\nforgotten"
    before = stored(source, 80)
    _read.cache_clear()
    assert stored(source, 80) == before


def test_a_part_knows_its_own_text() -> None:
    parts = split(PARAGRAPHS)
    assert [n for n, part in enumerate(parts) if "99 " in part.source()][-1] == len(parts) - 1
    assert "".join("".join(part.source().split()) for part in parts) == "".join(PARAGRAPHS.split())
    assert Part("> a\n> b").source() == "> a\n> b"
