"""The verbs through the real workspace: what is asked of a server, what is recorded, what is billed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ralph import registry
from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.commands._dispatch import run
from ralph.core.errors import Failure
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.face import KeyRow
from ralph.core.ports.user_input import UserInput
from tests.headless.ask import Home, home_on
from tests.headless.test_rerun import answered, planned
from tests.wires.script import Reply
from tests.wires.server import Server


class Sitting:
    """A face without a screen on a real workspace."""

    def __init__(self, space: LocalWorkspace, conversation: Conversation) -> None:
        self.workspace = space
        self.conversation = conversation
        self.commands = [registry.load("commands", name) for name in registry.builtin_names("commands")]
        self.said: list[str] = []
        self.found: list[object] = []
        self.written: list[str] = []
        self.picks: str | None = None
        self.offered: list[Sequence[tuple[str, str]]] = []
        self.turns: list[asyncio.Task[None]] = []

    async def do(self, line: str) -> None:
        """The command, and the turn that it started."""
        await run(line, self)  # type: ignore[arg-type]
        for turn in self.turns:
            await turn
        self.turns.clear()

    def say(self, text: str) -> None:
        self.said.append(text)

    def key_rows(self) -> Sequence[KeyRow]:
        return ()

    def result(self, data: object) -> None:
        self.found.append(data)

    async def choose(self, title: str, options: Sequence[tuple[str, str]]) -> str | None:
        self.offered.append(options)
        return self.picks

    async def ask(self, question: str, answers: Sequence[tuple[str, str]]) -> str | None:
        return await self.choose(question, answers)

    async def switch(self, timeline: str | None) -> Conversation:
        opened = await self.workspace.timelines.open(timeline)
        old, self.conversation = self.conversation, opened
        await old.close()
        return opened

    async def context(self, message: str) -> str:
        return ""

    async def show(self, screen: str, /, **arguments: Any) -> bool:
        return False

    def follow(self, turn: asyncio.Task[None]) -> None:
        self.turns.append(turn)

    async def keep(self, title: str, text: str, data: Mapping[str, Any]) -> None:
        await self.conversation.record(title, text, data)
        self.said.append(text)

    @contextlib.contextmanager
    def beside(self, conversations: Sequence[Conversation]) -> Iterator[None]:
        yield

    def write(self, text: str) -> None:
        self.written.append(text)


@contextlib.asynccontextmanager
async def sitting(home: Home, *prompts: str) -> AsyncIterator[Sitting]:
    async with workspace(home.flags, environ=home.environ, root=home.root, ids=home.ids) as space:
        face = Sitting(space, await space.timelines.open())
        for prompt in prompts:
            await face.conversation.submit(UserInput(prompt))
        yield face


async def test_retry_with_other_settings_and_another_model(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(planned(), answered("First."), answered("Second."), answered("Third."))
        async with sitting(home, "what is 17% of 2340?") as face:
            old = face.conversation.id
            await face.do("/set temperature 0.25")
            await face.do("/system be brief")
            await face.do("/retry format ollama:model-2")
            body = server.asked[-1].json
            timeline = face.conversation.timeline()
            await face.do("/once ollama:model-3 well, thank you for that")
            after = server.asked[-1].json
            rows = await face.workspace.timelines.rows()
    assert (body["model"], body["options"]["temperature"]) == ("model-2", 0.25)
    assert body["messages"][0] == {"role": "system", "content": "be brief"}
    assert "397.8" in json.dumps(body)
    assert timeline.turns[0].started.roles["format"] == "ollama:model-2"
    assert timeline.turns[0].started.settings == {"temperature": 0.25}
    assert timeline.system == "be brief"
    assert timeline.role_changes == ()
    assert after["model"] == "model-3"
    assert face.conversation.roles["format"] == "ollama:model-1"
    assert {r.id: r.forked_from for r in rows} == {old: None, face.conversation.id: old}


async def test_compare_asks_each_model_and_the_ledger_has_them_all(tmp_path: Path) -> None:
    prices = 'prices:\n  "mine:small": {input: 1, output: 2}\n  "mine:large": {input: 10, output: 20}\n'
    async with Server() as server:
        home = home_on(tmp_path, "compatible", server.url, prices)
        server.will(planned(), answered("First."))
        server.will(
            Reply(text=("Small.",), usage={"input": 100, "output": 10}, when={"body": '"small"'}),
            Reply(text=("Large.",), usage={"input": 100, "output": 10}, when={"body": '"large"'}),
        )
        async with sitting(home, "what is 17% of 2340?") as face:
            here = face.conversation
            await face.do("/compare mine:small mine:large")
            spent = {row.name: row.cost.nano_usd for row in (await face.workspace.usage.report("model")).rows}
            forks = [r for r in await face.workspace.timelines.rows() if r.forked_from]
            assert face.conversation is here
            assert len(here.timeline().turns) == 1
            await face.do("/tree")
    table = face.said[-1]
    assert "| mine:small | ok |" in table
    assert "| 100 | 10 | $0.00012 |" in table
    assert "| 100 | 10 | $0.0012 |" in table
    assert "> Large." in table
    assert {r.title for r in forks} == {"what is 17% of 2340? (mine:small)", "what is 17% of 2340? (mine:large)"}
    assert len(face.offered[0]) == 3
    assert [n for name, n in sorted(spent.items()) if "model-1" not in name] == [1_200_000, 120_000]


async def test_compare_goes_on_when_one_of_them_fails(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("First."))
        server.will(
            Reply(status=404, error={"message": "no such model"}, when={"body": '"gone"'}),
            Reply(text=("Here.",), usage={"input": 1, "output": 1}, when={"body": '"there"'}),
        )
        async with sitting(home, "tell me") as face:
            await face.do("/compare ollama:gone ollama:there")
    assert "| ollama:gone | failed |" in face.said[-1]
    assert "| ollama:there | ok |" in face.said[-1]


async def test_rewind_asks_differently_and_the_old_one_stays(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("One."), answered("Two."), answered("Other."))
        async with sitting(home, "tell me one", "tell me two") as face:
            old = face.conversation.id
            await face.do("/rewind 2")
            assert face.written == ["tell me two"]
            await face.conversation.submit(UserInput("tell me three"))
            await face.switch(old)
            assert [t.text for t in face.conversation.timeline().turns] == ["One.", "Two."]
    assert [m["content"] for m in server.asked[2].json["messages"]] == ["tell me one", "One.", "tell me three"]


async def test_a_switch_that_does_not_fit_asks_first(tmp_path: Path) -> None:
    async with Server(models=({"id": "model-1", "window": 131072}, {"id": "tiny", "window": 4096})) as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("word " * 8000))
        async with sitting(home, "tell me") as face:
            await face.do("/model ollama:tiny")
            assert "its window is 4,096" in face.said[0]
            assert face.conversation.roles["format"] == "ollama:model-1"
            face.picks = "switch"
            await face.do("/model ollama:tiny")
            assert face.conversation.roles["format"] == "ollama:tiny"
            assert len(face.conversation.timeline().role_changes) == 1


async def test_other_models_are_told_once(tmp_path: Path) -> None:
    """By words before the first turn; by a line of the timeline after it."""
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(answered("One."))
        async with sitting(home) as face:
            await face.do("/model ollama:model-2")
            await face.do("/route ollama:model-3")
            assert face.said[0] == "From the next turn on `ollama:model-2` does tool and format."
            assert face.said[1].startswith("From the next turn on: `ollama:model-3` decides.")
            await face.do("/route rules")
            face.said.clear()
            await face.conversation.submit(UserInput("tell me one"))
            await face.do("/route ollama:model-3")
            await face.do("/route ollama:model-3")
            await face.do("/model ollama:model-3")
            assert len(face.said) == 1  # the second one, which changes nothing
            changes = [dict(change.to) for _, change in face.conversation.timeline().role_changes]
    assert [set(to.values()) for to in changes[1:]] == [{"ollama:model-2", "ollama:model-3"}, {"ollama:model-3"}]


async def test_what_names_a_model(tmp_path: Path) -> None:
    home = home_on(
        tmp_path, "ollama", "http://127.0.0.1:9", "aliases: {fast: 'ollama:tiny', both: ['ollama:a', 'ollama:b']}\n"
    )
    async with sitting(home) as face:
        model = face.workspace.models.ref
        assert [model(text) for text in ("fast", "both", "ollama", "ollama:llama3.2:3b")] == [
            "ollama:tiny", "both", "ollama", "ollama:llama3.2:3b",
        ]  # fmt: skip
        with pytest.raises(Failure):
            model("nonsense")


async def test_what_is_not_saved_cannot_be_forked(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        home.flags = type(home.flags)(model="ollama:model-1", route="rules", save=False)
        server.will(answered("One."))
        async with sitting(home, "tell me") as face:
            await face.do("/fork")
            assert "nothing is kept" in face.said[0]


async def test_a_fork_from_before_the_first_turn_has_the_title_of_its_own_question(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_on(tmp_path, "ollama", server.url)
        server.will(Reply(text=("Well.",), times=None))
        async with sitting(home, "tell me one") as face:
            first = face.conversation.id
            await face.do("/rewind 1")
            assert face.conversation.timeline().title == "tell me one (fork)"
            await face.do("/compare ollama:a ollama:b sing a song")
            assert face.conversation.timeline().title == "sing a song"
            await face.conversation.flush()
            titles = {row.title for row in await face.workspace.timelines.rows()}
            assert titles == {"tell me one", "sing a song", "sing a song (ollama:a)", "sing a song (ollama:b)"}
            for change, asked, title in (
                ("", "what else?", "what else?"),
                ("/rename my title", "what else?", "my title"),
                ("", "tell me one", "tell me one"),
            ):
                await face.switch(first)
                await face.do("/rewind 1")
                if change:
                    await face.do(change)
                await face.conversation.submit(UserInput(asked))
                assert face.conversation.timeline().title == title
            await face.switch(first)
            await face.do("/retry")
            assert face.conversation.timeline().title == "tell me one (fork)"
            await face.do("/rename another")
            await face.do("/rewind 1")
            await face.conversation.submit(UserInput("what else?"))
            assert face.conversation.timeline().title == "another (fork)"
