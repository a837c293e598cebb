"""What a face asks the workspace for, on a real database."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.clock import SystemClock
from ralph.core.errors import Failure
from ralph.core.ports.user_input import UserInput

SCRIPT = '- role: route\n  text: \'{"tools": []}\'\n- role: format\n  text: "yes"\n'


def environ(home: Path) -> dict[str, str]:
    return {"RALPH_DATA_DIR": str(home), "RALPH_CONFIG": str(home / "config.yaml"), "HOME": str(home)}


async def asked(home: Path, model: str) -> None:
    """One turn that this model answers."""
    (home / model).write_text(SCRIPT, encoding="utf-8")
    flags = Flags(model=f"scripted:{model}")
    async with workspace(flags, environ=environ(home), clock=SystemClock(), root=home) as space:
        session = await space.timelines.open()
        await asyncio.wait([session.submit(UserInput("well?"))])


async def test_recent_tells_the_models_of_all_timelines_the_latest_first(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("", encoding="utf-8")
    async with workspace(Flags(), environ=environ(tmp_path), root=tmp_path) as space:
        assert await space.models.recent() == ()
    for model in ("one.yaml", "two.yaml", "one.yaml"):
        await asked(tmp_path, str(tmp_path / model))
    async with workspace(Flags(), environ=environ(tmp_path), root=tmp_path) as space:
        assert await space.models.recent() == (f"scripted:{tmp_path / 'one.yaml'}", f"scripted:{tmp_path / 'two.yaml'}")


async def test_checks_look_at_the_installation_the_database_and_the_providers(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        'retry: {max_attempts: 1}\nproviders: {nobody: {kind: openai_compatible, base_url: "http://127.0.0.1:9/v1"}}\n',
        encoding="utf-8",
    )
    async with workspace(Flags(), environ=environ(tmp_path), root=tmp_path) as space:
        quiet = {c.name: c for c in await space.machine.checks()}
        assert all(c.ok for c in quiet.values())
        assert quiet["config"].detail == str(tmp_path / "config.yaml")
        assert quiet["database"].detail == str(tmp_path / "ralph.db")
        live = {c.name: c for c in await space.machine.checks(live=True)}
        assert not live["provider nobody"].ok


async def test_rules_of_tools_hold_for_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("tools: {ask: [clock]}\n", encoding="utf-8")
    async with workspace(Flags(), environ=environ(tmp_path), root=tmp_path) as space:
        assert {r.name: r.verdict for r in await space.tools.rows()}["clock"] == "ask"
        space.tools.rule("clock", "deny")
        assert {r.name: r.verdict for r in await space.tools.rows()}["clock"] == "denied"


async def test_what_is_sent_is_told_alike_everywhere(tmp_path: Path) -> None:
    """A pinned turn is sent however old it is; a system prompt that was taken off is not."""
    (tmp_path / "config.yaml").write_text("context: {max_turns: 1}\n", encoding="utf-8")
    (tmp_path / "m.yaml").write_text(SCRIPT * 3, encoding="utf-8")
    flags = Flags(model=f"scripted:{tmp_path / 'm.yaml'}", system="be brief " * 20)
    async with workspace(flags, environ=environ(tmp_path), clock=SystemClock(), root=tmp_path) as space:
        session = await space.timelines.open()
        for question in ("one", "two", "three"):
            await asyncio.wait([session.submit(UserInput(question))])
        session.update_timeline(pins=["1"])
        report = await space.models.context(session)
        assert [(t.number, t.kept) for t in report.turns] == [(1, True), (2, False), (3, True)]
        assert report.next_out == 3
        assert report.system
        session.update_timeline(system="")
        assert not (await space.models.context(session)).system


async def test_a_session_that_was_left_takes_nothing_and_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("", encoding="utf-8")
    (tmp_path / "m.yaml").write_text(SCRIPT, encoding="utf-8")
    async with workspace(
        Flags(model=f"scripted:{tmp_path / 'm.yaml'}"), environ=environ(tmp_path), clock=SystemClock(), root=tmp_path
    ) as space:
        session = await space.timelines.open()
        await asyncio.wait([session.submit(UserInput("well?"))])
        await session.close()
        for act in (
            lambda: session.use_model("builtin:rules"),
            lambda: session.update_timeline(title="other"),
            lambda: session.submit(UserInput("more?")),
        ):
            with pytest.raises(Failure, match="another timeline was opened"):
                act()
        async with asyncio.timeout(60):
            assert (await space.usage.report("day")).total.attempts
            assert await space.timelines.resolve("last") == session.id
