"""A conversation that is opened again goes on with the models that were chosen in it, with a screen and without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.ports.user_input import UserInput
from tests.headless.ask import Home
from tests.headless.test_rerun import again, answered
from tests.headless.test_verbs import Sitting, sitting
from tests.wires.server import Server

CONFIG = """
routing: {{route: rules, tool: "ollama:model-1", format: "ollama:model-1"}}
providers:
  ollama: {{base_url: "{url}"}}
  anthropic: {{api_key: sk-test, base_url: "{url}"}}
"""


def home_of(path: Path, server: Server, answers: int) -> Home:
    server.will(*(answered(f"Answer {n}.") for n in range(answers)))
    return Home(path, CONFIG.format(url=server.url))


async def goes_on(home: Home, server: Server, **options: str) -> str:
    """Which model answers `ralph -c -p`."""
    result = await home.ask("and now?", timeline="last", **options)
    assert result.code == 0, result.err
    return str(server.asked[-1].json["model"])


async def shown(home: Home) -> str:
    """Which model would answer on a screen, which reads the end only."""
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        return str((await space.timelines.open("last", turns=1)).roles["format"])


@pytest.mark.parametrize("before", [["/model ollama:model-2"], ["/model ollama:model-3", "/model ollama:model-2"]])
async def test_what_was_chosen_before_the_first_message_holds_on(tmp_path: Path, before: Sequence[str]) -> None:
    async with Server() as server:
        home = home_of(tmp_path, server, 3)
        async with sitting(home) as face:
            for line in before:
                await face.do(line)
            await face.conversation.submit(UserInput("tell me"))
            ((turn, change),) = face.conversation.timeline().role_changes
        assert (turn, change.from_["format"], change.to["format"]) == (0, "ollama:model-1", "ollama:model-2")
        assert await shown(home) == "ollama:model-2"
        assert await goes_on(home, server) == "model-2"
        assert await goes_on(home, server) == "model-2"


async def test_what_was_chosen_while_a_turn_ran_long_ago_holds_on(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_of(tmp_path, server, 6)
        async with sitting(home) as face:
            turn = face.conversation.submit(UserInput("tell me"))
            face.conversation.use_model("ollama:model-2")
            await turn
            for n in range(4):
                await face.conversation.submit(UserInput(f"and {n}"))
        assert await shown(home) == "ollama:model-2"
        assert await goes_on(home, server) == "model-2"


async def test_the_command_line_goes_first_for_its_own_run(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_of(tmp_path, server, 4)
        async with sitting(home, "tell me") as face:
            await face.do("/model ollama:model-2")
        assert await goes_on(home, server, model="ollama:model-3") == "model-3"
        assert await goes_on(home, server) == "model-2"
        home.environ["RALPH_LLM_MODEL"] = "ollama:model-4"
        assert await goes_on(home, server) == "model-4"


async def test_a_provider_without_its_key_leaves_it_to_the_configuration(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_of(tmp_path, server, 2)
        async with sitting(home, "tell me") as face:
            await face.do("/model anthropic:model-2")
        assert await shown(home) == "anthropic:model-2"
        config = CONFIG.partition("  anthropic")[0].format(url=server.url)
        (tmp_path / "config.yaml").write_text(config)
        assert await goes_on(home, server) == "model-1"


async def test_a_new_timeline_is_the_configurations(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_of(tmp_path, server, 2)
        async with sitting(home, "tell me") as face:
            await face.do("/model ollama:model-2")
            await face.do("/new")
            assert face.conversation.roles["format"] == "ollama:model-1"


async def test_a_fork_keeps_what_was_chosen_after_its_end_and_a_rerun_what_was_chosen_before(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_of(tmp_path, server, 6)
        async with sitting(home, "one", "two") as face:
            old = face.conversation.id
            await face.do("/model ollama:model-2")
            await face.do("/fork 1")
            fork = face.conversation.id
        async with workspace(Flags(), environ=home.environ, root=home.root) as space:
            assert (await space.timelines.open(fork)).roles["format"] == "ollama:model-2"
        assert await goes_on(home, server) == "model-2"
        assert (await again(home, fork)).code == 0
        assert server.asked[-1].json["model"] == "model-2"
        assert (await again(home, old, turn=2)).code == 0
        assert server.asked[-1].json["model"] == "model-1"


async def test_a_choice_is_found_again_when_its_server_is(tmp_path: Path) -> None:
    """It is known by its name only once somebody has looked around; what was chosen meanwhile stays."""
    async with Server() as server:
        home = home_of(tmp_path, server, 2)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            space.known.find("workshop", "openai_compatible", f"{server.url}/v1", "today")
            face = Sitting(space, await space.timelines.open())
            await face.do("/model workshop:model-2")
            await face.conversation.submit(UserInput("tell me"))
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session, other = await space.timelines.open("last"), await space.timelines.open()
            assert session.roles["format"] == "ollama:model-1"
            space.known.find("workshop", "openai_compatible", f"{server.url}/v1", "today")
            session.reconsider()
            assert session.roles["format"] == "workshop:model-2"
            session.use_model("ollama:model-3")
            session.reconsider()
            assert session.roles["format"] == "ollama:model-3"
            assert other.roles["format"] == "ollama:model-1"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/retry 3 format ollama:model-3", [(1, "model-1", "model-2")]),
        ("/fork 2", [(1, "model-1", "model-2")]),
        ("/fork 1", [(1, "model-1", "model-2")]),  # chosen after it
    ],
)
async def test_a_fork_tells_only_of_models_that_were_not_in_use_where_it_begins(
    tmp_path: Path, line: str, told: list[tuple[int, str, str]]
) -> None:
    """Also in a run that named a model, with which the fork would be opened."""
    async with Server() as server:
        home = home_of(tmp_path, server, 4)
        home.flags = Flags(model="ollama:model-1")
        async with sitting(home) as face:
            await face.conversation.submit(UserInput("tell me"))
            await face.do("/model ollama:model-2")
            for text in ("tell me more", "and more"):
                await face.conversation.submit(UserInput(text))
            await face.do(line)
            changes = face.conversation.timeline().role_changes
            assert face.conversation.roles["format"] == "ollama:model-2"
    made = [(n, c.from_["format"].partition(":")[2], c.to["format"].partition(":")[2]) for n, c in changes]
    assert made == told
