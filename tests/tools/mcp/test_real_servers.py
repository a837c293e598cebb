"""The servers that people have: time, git and fetch over stdio, each asked in a headless turn."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from git import Repo

from tests.headless.tool_turns import ToolHome, call

BIN = Path(sys.executable).parent


def home_with(path: Path, servers: str) -> ToolHome:
    """A home with these servers, and time for them to start on a busy machine."""
    return ToolHome(path, f"mcp:\n  servers: {{{servers}}}\n  startup_s: 60\n")


def test_a_tool_is_listed_chosen_asked_for_and_called_and_its_output_is_outside(tmp_path: Path) -> None:
    async def scene() -> None:
        home = home_with(tmp_path, f"time: {{command: ['{BIN}/mcp-server-time']}}")
        asked = call("time__get_current_time", timezone="Asia/Tokyo")
        denied = await home.turn("What time is it in Tokyo?", [asked])
        assert denied.json["steps"][1]["tools"][0]["status"] == "denied"
        allowed = await home.turn("And what time is it in Tokyo now?", [asked], yes=True)
        tool = allowed.json["steps"][1]["tools"][0]
        assert (tool["status"], tool["name"]) == ("ok", "time__get_current_time")
        assert '"timezone": "Asia/Tokyo"' in tool["output"]
        (made,) = await home.calls()
        assert (made.effect, made.origin) == ("unknown", "outside")

    asyncio.run(scene())


def test_git_and_fetch(tmp_path: Path) -> None:
    """fetch refuses addresses of this machine itself, and says so by `isError`."""

    async def scene() -> None:
        git = f"git: {{command: ['{BIN}/mcp-server-git', --repository, .]}}"
        home = home_with(tmp_path, f"{git}, fetch: {{command: ['{BIN}/mcp-server-fetch']}}")
        Repo.init(home.root)
        (home.root / "notes.txt").write_text("a\n")
        status = call("git__git_status", repo_path=str(home.root))
        result = await home.turn("What changed here?", [status], yes=True)
        (made,) = result.json["steps"][1]["tools"]
        assert (made["status"], "notes.txt" in made["output"]) == ("ok", True)
        fetched = await home.turn("Read it to me", [call("fetch__fetch", url="http://127.0.0.1:9/")], yes=True)
        (made,) = fetched.json["steps"][1]["tools"]
        assert made["status"] == "error"

    asyncio.run(scene())
