"""What a face may ask of a workspace, on a real database: titles, forks, deletion, models, the window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.ports.user_input import UserInput
from tests.headless.ask import Home
from tests.wires.script import Reply
from tests.wires.server import Server


async def test_a_timeline_is_renamed_forked_looked_into_and_deleted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    await home.ask("what is 17% of 2340?")
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        (row,) = await space.timelines.rows()
        await space.timelines.rename(row.id, "Sums")
        assert [r.title for r in await space.timelines.rows()] == ["Sums"]
        session = await space.timelines.open(row.id)
        await space.timelines.rename(row.id, "Sums, again")
        assert session.timeline().title == "Sums, again"
        assert [r.title for r in await space.timelines.rows("again")] == ["Sums, again"]
        await session.close()
        fork = await space.timelines.fork(row.id)
        assert await space.timelines.forks(row.id) == (fork,)
        (glimpse,) = await space.timelines.preview(fork)
        assert (glimpse.prompt, "397.8" in glimpse.answer) == ("what is 17% of 2340?", True)
        with pytest.raises(Failure, match="has forks"):
            await space.timelines.delete(row.id)
        assert set(await space.timelines.delete(row.id, with_forks=True)) == {row.id, fork}
        assert await space.timelines.rows() == ()
        with pytest.raises(NotFound):
            await space.timelines.preview(row.id)


async def test_what_is_not_saved_yet_has_no_title_to_change(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        session = await space.timelines.open()
        with pytest.raises(NotFound):
            await space.timelines.rename(session.id, "x")


async def test_what_another_process_writes_keeps_its_title(tmp_path: Path) -> None:
    home = Home(tmp_path)
    await home.ask("what is 17% of 2340?")
    async with (
        workspace(home.flags, environ=home.environ, root=home.root) as other,
        workspace(home.flags, environ=home.environ, root=home.root) as space,
    ):
        session = await other.timelines.open("last")
        with pytest.raises(Failure) as caught:
            await space.timelines.rename(session.id, "x")
        assert caught.value.kind is Kind.BUSY


async def test_models_come_with_price_window_and_pace(tmp_path: Path) -> None:
    async with Server() as server:
        config = (
            f'providers: {{anthropic: {{api_key: sk-test-0, base_url: "{server.url}"}}}}\n'
            'prices: {"anthropic:model-1": {input: 3, output: 15}}\nrouting: {route: rules}\n'
            "aliases: {fast: anthropic:model-1, both: [anthropic:model-1, 'builtin:rules']}\n"
        )
        home = Home(tmp_path, config)
        server.will(Reply(text=("hello ",) * 30, usage={"input": 3, "output": 40}))
        await home.ask("tell me something", format="anthropic:model-1")
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            (row,) = await space.models.list_rows("anthropic")
            assert space.models.aliases() == {
                "fast": ("anthropic:model-1",),
                "both": ("anthropic:model-1", "builtin:rules"),
            }
    assert (row.ref, row.window) == ("anthropic:model-1", 131_072)
    assert row.price
    assert (row.price.input, row.price.output) == ("3", "15")
    assert row.pace.first_token_s is not None


@pytest.mark.parametrize(("own", "num_ctx", "window"), [(131_072, 16_384, 16_384), (8_192, 16_384, 8_192)])
async def test_ollamas_window_is_what_is_asked_for(tmp_path: Path, own: int, num_ctx: int, window: int) -> None:
    async with Server() as server:
        server.models = ({"id": "model-1", "window": own},)
        entry = json.dumps({"base_url": server.url, "num_ctx": num_ctx})
        home = Home(tmp_path, f"providers: {{ollama: {entry}}}\nrouting: {{format: 'ollama:model-1'}}\n")
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open()
            report = await space.models.context(session)
            assert (report.model, report.window, report.source) == ("ollama:model-1", window, "provider")
            assert report.tool_count == len(session._settings.tools().offered)
            assert await space.models.estimate_fill(session) == 0


async def test_where_nobody_tells_the_window_it_is_assumed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        session = await space.timelines.open()
        assert (await space.models.context(session)).source == "assumed"
        assert await space.models.estimate_fill(session) is None


async def test_where_a_paste_stands_is_recorded_and_gives_no_title(tmp_path: Path) -> None:
    home = Home(tmp_path)
    pasted = "line 0\nline 1\n"
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        session = await space.timelines.open()
        asked = UserInput(f"{pasted}what is 17% of 2340?", pastes=((0, len(pasted)),))
        await session.submit(asked)
        await session.close()
        (row,) = await space.timelines.rows()
        assert row.title == "what is 17% of 2340?"
        reopened = await space.timelines.open(row.id)
        assert UserInput.of(reopened.timeline().turns[0].started) == asked
        await reopened.close()


async def test_a_row_names_the_model_that_wrote_in_the_fork_itself(tmp_path: Path) -> None:
    async with Server() as server:
        entry = json.dumps({"kind": "openai_compatible", "base_url": server.url, "api_key": "k"})
        home = Home(tmp_path, f"providers: {{local: {entry}}}\nrouting: {{route: rules}}\n")
        server.will(Reply(text=("one",)))
        await home.ask("tell me something", format="local:first")
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            (row,) = await space.timelines.rows()
            assert row.model == "local:first"
            await space.timelines.fork(row.id, 0)
            kept = {r.forked_from: r.model for r in await space.timelines.rows()}
            assert kept == {None: "local:first", row.id: ""}
