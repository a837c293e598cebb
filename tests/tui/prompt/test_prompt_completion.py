"""The list above the prompt, without a screen: what it may choose while the offers are on their way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from ralph.commands._base import Simple
from ralph.core.ports.face import Face
from ralph.tui.prompt.completion import Completion, CompletionChoice
from ralph.tui.prompt.completion_context import CompletionOffer
from tests.tui.desk import Desk
from tests.tui.play import Play


class Shown:
    """A list that only remembers."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self.at = -1

    def show(self, offers: Sequence[CompletionOffer], at: int) -> None:
        self.labels, self.at = [o.label for o in offers], at

    def hide(self) -> None:
        self.labels, self.at = [], -1


async def none(argument: str, face: Face) -> None:
    """Never run here."""


async def colours(argument: str, face: Face) -> Sequence[str]:
    return [c for c in ("red", "green", "dark:red", "dark:green") if c.startswith(argument)]


class Room:
    """What `Completion` needs of a face."""

    def __init__(self) -> None:
        self.commands = [
            Simple("paint", "paints", none, ("color",), "[colour]", colours),
            Simple("part", "parts", none),
            Simple("quit", "leaves", none, ("exit",)),
        ]
        self.conversation = Play()
        self.workspace = Desk()


class Waiting:
    """Paths that come when the test lets them."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.asked: list[str] = []

    def __call__(self, part: str) -> Sequence[str]:
        self.asked.append(part)
        self.gate.wait(20)
        return [p for p in ("alpha", "beta", "my file", "src/") if p.startswith(part)]


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def paths() -> Waiting:
    return Waiting()


@pytest.fixture
def made(shown: Shown, paths: Waiting) -> Completion:
    return Completion(Room(), shown, paths)  # type: ignore[arg-type]


def look(made: Completion, line: str) -> None:
    made.look(line, len(line), alone=True)


async def settle(true: object) -> None:
    async with asyncio.timeout(60):
        while not true():  # type: ignore[operator]  # noqa: ASYNC110 - a list tells nobody that it has changed
            await asyncio.sleep(0)


def test_names_are_there_at_once(made: Completion, shown: Shown) -> None:
    look(made, "/p")
    assert shown.labels == ["/paint [colour]", "/part"]
    assert made.enter() == CompletionChoice(0, 2, "/paint ")
    made.move(1)
    assert made.enter() == CompletionChoice(0, 2, "/part", send=True)
    made.move(1)
    assert shown.at == 0


@pytest.mark.parametrize("whole", ["/part", "/exit", "/nothing"])
def test_enter_sends_what_is_whole_or_unknown(whole: str, made: Completion) -> None:
    look(made, whole)
    assert made.enter() is None


async def test_an_argument_is_chosen_only_by_who_marks_one(made: Completion, shown: Shown) -> None:
    look(made, "/color ")
    await settle(lambda: shown.labels)
    assert (shown.labels, shown.at) == (["red", "green", "dark:red", "dark:green"], -1)
    assert made.enter() is None
    assert made.choose() == CompletionChoice(7, 7, "red")
    made.move(-1)
    assert made.enter() == CompletionChoice(7, 7, "dark:green")


@pytest.mark.parametrize(
    ("argument", "found"), [("gr", ["green"]), ("een", ["green", "dark:green"]), ("dark:een", ["dark:green"])]
)
async def test_an_argument_is_found_by_letters_inside_it(
    argument: str, found: list[str], made: Completion, shown: Shown
) -> None:
    look(made, f"/paint {argument}")
    await settle(lambda: shown.labels)
    assert shown.labels == found


async def test_a_list_that_is_behind_chooses_nothing(made: Completion, shown: Shown, paths: Waiting) -> None:
    paths.gate.set()
    look(made, "@")
    await settle(lambda: shown.labels)
    assert made.enter() == CompletionChoice(0, 1, "@alpha ")
    paths.gate.clear()
    look(made, "@b")
    assert shown.labels
    assert made.enter() is None
    assert made.choose() is None
    paths.gate.set()
    await settle(lambda: shown.labels == ["beta"])
    assert made.choose() == CompletionChoice(0, 2, "@beta ")


async def test_the_list_of_commands_goes_when_the_argument_begins(made: Completion, shown: Shown) -> None:
    look(made, "/part")
    assert shown.labels
    look(made, "/part ")
    assert shown.labels == []
    made.close()


async def test_a_name_with_a_blank_is_quoted_and_a_folder_goes_on(
    made: Completion, shown: Shown, paths: Waiting
) -> None:
    paths.gate.set()
    look(made, "see @my")
    await settle(lambda: shown.labels)
    assert made.choose() == CompletionChoice(4, 7, '@"my file" ')
    look(made, "see @s")
    await settle(lambda: shown.labels == ["src/"])
    assert made.choose() == CompletionChoice(4, 6, "@src/")


async def test_a_path_in_a_line_for_the_shell_is_written_as_the_shell_reads_it(
    made: Completion, shown: Shown, paths: Waiting
) -> None:
    paths.gate.set()
    look(made, "!cat @my")
    await settle(lambda: shown.labels)
    assert made.choose() == CompletionChoice(5, 8, "'my file' ")
    look(made, "!ls @s")
    await settle(lambda: shown.labels == ["src/"])
    assert made.choose() == CompletionChoice(4, 6, "@src/")


async def test_what_was_left_stays_closed_until_another_is_begun(
    made: Completion, shown: Shown, paths: Waiting
) -> None:
    look(made, "/p")
    made.leave()
    assert not made.open
    look(made, "/pa")
    assert shown.labels == []
    look(made, "")
    look(made, "/p")
    assert made.open
    made.point(1)
    assert made.choose() == CompletionChoice(0, 2, "/part ", send=True)
    made.close()
    assert not made.open
