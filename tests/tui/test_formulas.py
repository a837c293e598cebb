r"""Formulas keep their backslashes; what only looks like one is CommonMark's."""

from __future__ import annotations

import pytest

from ralph.commands._dispatch import verbatim
from ralph.tui.markdown.inlines import inline
from ralph.tui.markdown.parts import Part
from ralph.tui.timeline.answers import AnswerDrawing
from tests.tui.see import brush, plain


def shown(text: str, width: int = 70) -> list[str]:
    return [line.strip() for line in plain(AnswerDrawing(Part(text)).draw(brush(), width)) if line.strip()]


KEPT = [
    r"\(a\,b\)",
    r"so \(\frac{1}{2}\), then \(f\!\left(x\right)\).",
    r"\[ \int_0^1 x\,dx \]",
    r"and \[x\_1 = 2\] in a line",
    r"$\{1,\dots,n\}$",
    r"$a_1*b*c_1$ of $\#\$$",
    r"$$\sum_{i}\;i^2$$",
    r"\begin{matrix} a & b \\ c & d \end{matrix}",
    r"\[1\]",  # alone in its line
    r"C:\(x86)",
    r"foo\(bar, the pattern",
]
PLAIN = [
    (r"\*not\* \_this\_ \`x\`", "*not* _this_ `x`"),
    (r"see \[1\] and \[note\]", "see [1] and [note]"),
    (r"\[1\] is the first", "[1] is the first"),
    (r"an open \(bracket", "an open (bracket"),
    (r"$5 to $6 *each*", "$5 to $6 each"),
    (r"from $5*a*b to 7 $ or US$8", "from $5ab to 7 $ or US$8"),
    (r"\$5*a*\$", "$5a$"),
    ("`$x` and `$y` *z*", "$x and $y z"),
    (r"\\ \{ \, \!", r"\ { , !"),
    (r"\( \) \[ \]", "( ) [ ]"),
]


@pytest.mark.parametrize("text", KEPT)
def test_a_formula_is_shown_as_it_was_written(text: str) -> None:
    assert inline(text, {}).plain == text
    assert shown(text) == [text]
    assert shown(f"# {text}") == [f"# {text}"]
    assert shown(f"- {text}\n- b")[0].endswith(text)
    assert any(text in line for line in shown(f"| a | b |\n|---|---|\n| {text} | 2 |"))


@pytest.mark.parametrize(("text", "means"), PLAIN)
def test_what_is_no_formula_is_read_as_commonmark_says(text: str, means: str) -> None:
    assert inline(text, {}).plain == means


@pytest.mark.parametrize("text", [r"`\(a\,b\)` and `$x\,y$`", "```\n\\[ x\\, \\]\n```", "    $$\\,$$"])
def test_code_stays_code(text: str) -> None:
    """No delimiter is looked for in it, and nothing before it is open until one in it."""
    assert "".join(shown(f"\\(open\n\n{text}")).count("\\,") == text.count("\\,")


def test_a_formula_in_lines_keeps_its_lines_and_signs() -> None:
    source = "So:\n\\[\n- x \\\\\n+ y\n= 3\n\\]\nend"
    assert shown(source) == ["So:", "\\[", "- x \\\\", "+ y", "= 3", "\\]", "end"]


def test_a_formula_in_a_list_and_in_a_quote() -> None:
    source = "- one\n  $$\n  a \\\\\n  - b\n  $$\n- two\n\n> \\[\n> x \\;\n> \\]"
    assert [line.lstrip("•▌ ") for line in shown(source)] == (
        ["one", "$$", "a \\\\", "- b", "$$", "two", "\\[", "x \\;", "\\]"]
    )


def test_an_opening_without_an_end_hides_nothing() -> None:
    assert shown("\\[ open\n- a\n- b\n\n# head") == ["[ open", "• a", "• b", "# head"]


@pytest.mark.parametrize("text", ["[x_1]", "a $b_c$ \\(d\\)", "&copy; \\[e_1\\] & f", "x[0] = y[1]^2"])
def test_words_of_ralph_itself_are_no_formula(text: str) -> None:
    assert inline(verbatim(text), {}).plain == text


def test_an_estimate_needs_no_backslash_and_a_struck_word_does() -> None:
    assert verbatim("~$0.0048") == "~$0.0048"
    assert verbatim("~2,860 and ~342") == "~2,860 and ~342"
    assert verbatim("~~gone~~ a~b~ ~") == r"\~\~gone\~\~ a\~b\~ \~"
