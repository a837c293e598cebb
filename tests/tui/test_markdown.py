"""Markdown: what it looks like, and that a streamed answer ends as the same lines as one drawn at once."""

from __future__ import annotations

import random

import pytest

from ralph.tui.markdown.stream_doc import StreamDoc
from ralph.tui.markdown.strips import Markdown
from tests.tui.see import brush, plain

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

TEXT = "the model routes tokens over a small cache so that every block keeps its own lines"
WORDS = TEXT.split()


def sentence(count: int, seed: int = 1) -> str:
    made = random.Random(seed)
    return " ".join(made.choice(WORDS) for _ in range(count))


FIXTURES = {
    "paragraphs": f"{sentence(60)}\n\n{sentence(40, 2)}\nsoft *break* **here**\n\nend",
    "headings": "# One\n\ntext\n\n## Two\n### Three\ntext\n\nSetext\n======\n\nmore\n---\n",
    "fence": "Before\n\n```python\nx = 1\n\n\ny = 2\n```\n\nAfter",
    "long fence": "```python\n" + "\n".join(f"value_{n} = {n}  # note" for n in range(60)) + "\n```\n\nAfter",
    "open fence": "Before\n\n```python\nx = 1\n\ny = 2",
    "long open fence": "```\n" + "\n".join(f"line {n}" for n in range(61)),
    "fence in a list": "- one\n\n  ```sh\n  ls\n  ```\n- two",
    "tilde fence": "~~~\n```\nnot the end\n```\n~~~\nafter",
    "tight list": "\n".join(f"- item {n} {sentence(20, n)}" for n in range(12)),
    "loose list": "\n\n".join(f"- item {n}" for n in range(9)),
    "numbers": "\n".join(f"{n}. item" for n in range(1, 15)),
    "all ones": "\n".join(f"1. item {n}" for n in range(14)),
    "blank lines before a fence": "\n\n```python\n" + "\n".join(f"value_{n} = {n}" for n in range(40)),
    "blank lines before a table": "\n\n| a |\n|---|\n" + "\n".join(f"| {n:03} |" for n in range(40)),
    "nested": "- a\n  - b\n    - c\n  - d\n- e\n\n  more of e\n\n1. x\n2. y",
    "table": "| a | b |\n|---|--:|\n| 1 | `two` |\n| 日本 | **x** |\n\nafter",
    "quote": "> one\n> two\n>\n> - three\n\nafter",
    "html": "<div>\nhello\n</div>\n\n<b>x</b>",
    "rule": "a\n\n---\n\nb",
    "wide": "日本語のテキスト " * 30 + "\n\n👩‍👩‍👧 family 👍🏽 " * 10,
    "link": "see [here](https://example.org/a) and <https://example.org/b>",
    "brackets": "[/red] and [b]x[/b] and [x](y",
    "code": "`inline` and ``two ` ticks`` and `open",
    "empty items": "-\n- x\n1.\n",
}


def live(text: str, width: int, seed: int) -> StreamDoc:
    made = random.Random(seed)
    doc = StreamDoc(Markdown(brush()), width)
    at = 0
    while at < len(text):
        step = made.randint(1, 12)
        doc.feed(text[at : at + step])
        at += step
        doc.render()
    return doc


@pytest.mark.parametrize("width", [38, 90])
@pytest.mark.parametrize("name", FIXTURES)
def test_streamed_equals_drawn_at_once(name: str, width: int) -> None:
    whole = plain(Markdown(brush()).strips(FIXTURES[name], width))
    for seed in range(3):
        assert plain(live(FIXTURES[name], width, seed).lines) == whole


@pytest.mark.parametrize("name", FIXTURES)
def test_no_line_is_wider_than_the_screen(name: str) -> None:
    for width in (1, 7, 20, 60):
        strips = Markdown(brush()).strips(FIXTURES[name], width)
        if width >= 20:
            assert all(strip.cell_length <= width for strip in strips), name


LONG = {
    "paragraphs": "\n\n".join(sentence(50, n) for n in range(60)),
    "fence": "intro\n\n```python\n" + "\n".join(f"value_{n} = {n}" for n in range(1200)) + "\n```\n\nend",
    "list": "\n".join(f"- item {n} {sentence(12, n)}" for n in range(300)),
    "numbered": "\n".join(f"1. item {n} {sentence(12, n)}" for n in range(300)),
    "loose": "\n\n".join(f"- item {n} {sentence(30, n)}" for n in range(100)),
    "mixed": "\n\n".join(FIXTURES[n] for n in ("headings", "fence", "tight list", "quote", "rule")) * 6,
    "references": "see [one][1]\n\n"
    + "\n\n".join(sentence(50, n) for n in range(60))
    + "\n\n[1]: https://example.org\n",
}


@pytest.mark.parametrize("name", LONG)
def test_the_tail_of_a_stream_stays_small(name: str) -> None:
    doc = StreamDoc(Markdown(brush()), 80)
    text = LONG[name]
    for at in range(0, len(text), 400):
        doc.feed(text[at : at + 400])
        doc.render()
        assert len(doc.tail) < 90


def test_an_endless_paragraph_is_cut_where_its_lines_end() -> None:
    text = sentence(4000) + " " + "word and other words in one endless paragraph " * 200
    whole = plain(Markdown(brush()).strips(text, 80))
    doc = live(text[:30_000], 80, 1)
    assert plain(doc.lines)[: len(doc.frozen)] == whole[: len(doc.frozen)]
    assert len(doc.frozen) > 100


def test_a_forming_fence_does_not_flash() -> None:
    doc = StreamDoc(Markdown(brush()), 40)
    doc.feed("text\n\n``")
    doc.render()
    assert plain(doc.lines) == ["text"]


def test_a_list_begins_with_its_own_number() -> None:
    for text in ("0. zero\n1. one", "7. seven\n7. eight"):
        first = int(text[0])
        whole = plain(Markdown(brush()).strips(text, 40))
        assert [row.split(".")[0] for row in whole] == [str(first), str(first + 1)]
        assert plain(live(text, 40, 1).lines) == whole


@pytest.mark.parametrize("info", ["python", " python ", "  python title=x"])
def test_a_fence_may_have_blanks_before_its_language(info: str) -> None:
    def coloured(text: str) -> set[str]:
        strips = Markdown(brush()).strips(text, 40)
        return {str(segment.style) for strip in strips for segment in strip if segment.text == "def"}

    assert coloured(f"```{info}\ndef f(): ...\n```") == coloured("```python\ndef f(): ...\n```") != set()


def test_links_show_where_they_lead() -> None:
    assert plain(Markdown(brush()).strips(FIXTURES["link"], 90)) == [
        "see here (https://example.org/a) and https://example.org/b"
    ]


def test_images_and_html_are_text() -> None:
    shown = plain(Markdown(brush()).strips("![a cat](cat.png)\n\n<script>alert(1)</script>", 60))
    assert shown == ["[image: a cat] (cat.png)", "", "<script>alert(1)</script>"]


def test_table_numbers_stand_on_the_right() -> None:
    shown = plain(Markdown(brush()).strips("| n |\n|--:|\n| 1 |\n| 100 |", 20))
    assert shown == ["  n", "───", "  1", "100"]
