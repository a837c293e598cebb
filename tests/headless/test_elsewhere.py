"""Timelines that another window has open: they say so, `-c` passes them over, and they can be read or forked."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.errors import Failure, Kind, OpenElsewhere
from ralph.core.ports.user_input import UserInput
from tests.headless.ask import Home, home_on
from tests.wires.script import Reply
from tests.wires.server import Server


async def two_timelines(home: Home) -> tuple[str, str]:
    """The older one and the latest."""
    made = [(await home.ask(words)).json["timeline"] for words in ("tell me one", "tell me two")]
    return made[0], made[1]


def served(server: Server) -> None:
    server.will(Reply(text=("ok",), usage={"input": 9, "output": 1}, times=None))


async def test_going_on_passes_over_what_another_window_has_open(tmp_path: Path) -> None:
    async with Server() as server:
        served(server)
        home = home_on(tmp_path, "ollama", server.url)
        older, latest = await two_timelines(home)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            held = await space.timelines.open(latest)
            result = await home.ask("and more", timeline="last")
            assert (result.code, result.json["timeline"], result.json["turn"]) == (0, older, 2)
            passed = f"ralph: the latest timeline, {latest}, is open in another window; this is {older}"
            assert passed in result.err.splitlines()
            named = await home.ask("and more", timeline=latest)  # who names one means that one
            assert named.code == 1
            assert f"timeline {latest} is open in another window; close it there" in named.err
            await held.close()
        assert (await home.ask("and more", timeline="last")).json["timeline"] == older  # it was written last


async def test_where_all_are_open_elsewhere_it_is_refused(tmp_path: Path) -> None:
    async with Server() as server:
        served(server)
        home = home_on(tmp_path, "ollama", server.url)
        names = await two_timelines(home)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            for name in names:
                await space.timelines.open(name)
            result = await home.ask("and more", timeline="last")
    assert (result.code, result.json["error"]["kind"]) == (1, "busy")


async def test_running_is_only_what_runs(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 9, "output": 1}, times=2))
        server.will(Reply(text=("slow ",) * 400, pace=0.02))
        home = home_on(tmp_path, "ollama", server.url)
        _, latest = await two_timelines(home)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            session = await space.timelines.open(latest)
            (row, _) = await space.timelines.rows()
            assert (row.busy, row.running, row.place("")) == (True, False, "open in another window")
            turn = session.submit(UserInput("tell me much"))
            await server.until(lambda: len(server.asked) > 2)
            await session.flush()
            (row, _) = await space.timelines.rows()
            assert row.place("") == "running in another window"
            assert row.place(row.id) == "open here"
            await session.stop()
            await session.flush()
            (row, _) = await space.timelines.rows()
            assert (turn.done(), row.place("")) == (True, "open in another window")
            await session.close()
            (row, _) = await space.timelines.rows()
            assert row.place("") == ""


async def test_it_can_be_read_and_forked_but_not_written(tmp_path: Path) -> None:
    async with Server() as server:
        served(server)
        home = home_on(tmp_path, "ollama", server.url)
        _, latest = await two_timelines(home)
        async with workspace(home.flags, environ=home.environ, root=home.root) as here:
            held = await here.timelines.open(latest)
            async with workspace(home.flags, environ=home.environ, root=home.root) as there:
                with pytest.raises(OpenElsewhere) as refused:
                    await there.timelines.open(latest)
                assert refused.value.timeline == latest
                reader = await there.timelines.open(latest, read_only=True)
                assert [t.started.prompt for t in reader.timeline().turns] == ["tell me two"]
                for write in (
                    lambda: reader.submit(UserInput("x")),
                    lambda: reader.update_timeline(title="x"),
                    lambda: reader.use_model("ollama:b"),
                ):
                    with pytest.raises(Failure, match="open in another window and read-only here") as failure:
                        write()
                    assert failure.value.kind is Kind.BUSY
                fork = await there.timelines.open(await there.timelines.fork(latest))
                await fork.submit(UserInput("go on"))
                assert len(fork.timeline().turns) == 2
                await reader.close()
            await held.submit(UserInput("and here"))  # who reads takes nothing from who writes
            assert len(held.timeline().turns) == 2
