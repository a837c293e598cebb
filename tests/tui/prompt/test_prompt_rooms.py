"""The pure rooms behind the prompt."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.tui.controllers.pending_messages import PendingMessages
from ralph.tui.fuzzy import best, rank
from ralph.tui.prompt.attachments import AttachedText, find_paths
from ralph.tui.prompt.completion_context import CompletionContext, completion_context, quote_path
from ralph.tui.prompt.history import PromptHistory
from ralph.tui.prompt.paste_tokens import WRITTEN_LINES, PasteTokens

THOUSANDS = "\n".join(f"line {n}" for n in range(5000))


@pytest.mark.parametrize(
    ("words", "items", "first"),
    [
        ("model", ["remodel", "models", "model"], ["model", "models", "remodel"]),
        ("pr", ["space", "my_prompt", "prompt", "expr"], ["prompt", "my_prompt", "expr"]),
        ("tms", ["themes", "timelines", "times"], ["times", "themes", "timelines"]),
        ("deploy prod", ["deploy to test", "prod: deploy now", "deploy prod"], ["deploy prod", "prod: deploy now"]),
        ("ÄPFEL", ["Birnen", "süße äpfel"], ["süße äpfel"]),
        ("^[a-]", ["x ^[a-] y", "abc"], ["x ^[a-] y"]),
        ("", ["b", "a"], ["b", "a"]),
    ],
)
def test_the_best_fit_comes_first(words: str, items: list[str], first: list[str]) -> None:
    assert best(words, items, 10) == first


def test_letters_far_apart_were_not_meant_together() -> None:
    assert rank("ab", "a" + "-" * 20 + "b")
    assert rank("ab", "a" + "-" * 60 + "b") is None


@given(st.text(max_size=8), st.text(max_size=40))
def test_whatever_is_searched_for_what_holds_it_fits(word: str, text: str) -> None:
    assert rank(word, text + word.strip() + text) is not None


def test_a_small_paste_is_not_folded() -> None:
    folds = PasteTokens()
    assert folds.fold("a\nb") == "a\nb"
    assert not folds


def test_pastes_are_folded_one_by_one_and_put_back_whole() -> None:
    folds = PasteTokens()
    first, second = folds.fold(THOUSANDS), folds.fold("x" * 2345)
    assert (first, second) == ("[paste 1: 5,000 lines]", "[paste 2: 2,345 characters]")
    assert folds.whole(f"a {second} b {first}") == f"a {'x' * 2345} b {THOUSANDS}"


def test_a_paste_that_looks_like_a_token_stays_what_it_is() -> None:
    folds = PasteTokens()
    folds.fold("secret\n" * 20)
    again = folds.fold("[paste 1: 20 lines]\n" * 11)
    assert folds.whole(again) == "[paste 1: 20 lines]\n" * 11
    assert folds.whole("[paste 7: 20 lines]") == "[paste 7: 20 lines]"


def test_a_long_old_message_comes_back_with_its_first_line_in_sight() -> None:
    folds = PasteTokens()
    text = f"explain this:\n{THOUSANDS}"
    assert folds.write(text) == "explain this:\n[paste 1: 5,000 lines]"
    assert folds.whole("explain this:\n[paste 1: 5,000 lines]") == text
    assert folds.write("a\n" * WRITTEN_LINES) == "a\n" * WRITTEN_LINES


def test_this_timelines_prompts_come_before_those_of_others_and_each_once() -> None:
    recall = PromptHistory()
    recall.own(["mine 1", "both", "mine 2"])
    recall.others(["theirs 1", "both", "theirs 2"])
    assert walked(recall.earlier, "draft") == ["mine 2", "both", "mine 1", "theirs 2", "theirs 1"]
    assert walked(recall.later, "theirs 1") == ["theirs 2", "mine 1", "both", "mine 2", "draft"]


def walked(step: Callable[[str], str | None], standing: str) -> list[str]:
    """What comes step by step, each standing in the prompt when the next is asked for."""
    made = [standing]
    while (found := step(made[-1])) is not None:
        made.append(found)
    return made[1:]


def test_others_that_are_read_late_move_nobody() -> None:
    recall = PromptHistory()
    recall.own(["one", "two", "three"])
    assert recall.earlier("") == "three"
    recall.others(["old"])
    assert walked(recall.earlier, "three") == ["two", "one", "old"]


def test_what_was_not_sent_lies_before_what_was_sent_after_it() -> None:
    recall = PromptHistory()
    recall.own(["one", "two"])
    assert recall.aside("first draft", "two")
    assert not recall.aside("two", "something\n\ntwo")
    assert not recall.add("sent")
    assert recall.aside("second draft", "other")
    assert recall.prompts == ["one", "two", "first draft", "sent", "second draft"]
    recall.own(["elsewhere"])
    assert recall.prompts == ["first draft", "elsewhere", "second draft"]
    assert not recall.add("second draft")
    assert recall.prompts == ["elsewhere", "first draft", "second draft"]
    recall.aside("first draft", "")
    assert recall.prompts == ["elsewhere", "second draft", "first draft"]


@pytest.mark.parametrize(
    ("line", "column", "made"),
    [
        ("/mod", 4, CompletionContext("command", "mod", 0, 4)),
        ("/mod", 2, CompletionContext("command", "m", 0, 4)),
        ("/model an", 9, CompletionContext("argument", "an", 7, 9, "model")),
        ("/model an", 8, None),
        ("read @src/a", 11, CompletionContext("path", "src/a", 5, 11)),
        ("read @src/a", 8, CompletionContext("path", "sr", 5, 11)),
        ('read @"my fi', 12, CompletionContext("path", "my fi", 5, 12)),
        ("mail me@home", 12, None),
        ("hello", 5, None),
    ],
)
def test_what_is_wanted_at_the_cursor(line: str, column: int, made: CompletionContext | None) -> None:
    assert completion_context(line, column, alone=True) == made


def test_a_slash_in_a_longer_message_is_no_command() -> None:
    assert completion_context("/mod", 4, alone=False) is None


def test_the_files_that_a_message_names() -> None:
    assert find_paths('@a.py and @"b c.txt", not me@x.org, @src/ @a.py') == ("a.py", "b c.txt", "src/")
    assert quote_path("b c.txt") == '@"b c.txt"'


def test_what_goes_along_goes_with_the_message_written_next_and_comes_back_with_it() -> None:
    box, one, two = PendingMessages("piped"), AttachedText("a", "1 line", "A"), AttachedText("b", "1 line", "B")
    box.attach(one)
    box.post("first")
    box.attach(two)
    box.post("second")
    assert box.waiting == ("first", "second")
    assert box.notes() == ("", "")
    assert box.back() == "second"
    assert box.attached == (two,)
    queued = box.next()
    assert queued
    assert queued.context([one, AttachedText("c", "", "C")]) == "piped\n\nA\n\nC"
    box.keep(queued)
    assert box.notes() == ("1 line of context will go with your message", "attached: a (1 line), b (1 line)")
    box.drop()
    assert box.attached == ()
    assert box.next() is None
