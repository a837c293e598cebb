"""The login to a server by OAuth: the visit, what is kept, renewed tokens, the logout."""

from __future__ import annotations

import asyncio
import io
import json
import stat
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.errors import Failure
from ralph.headless import mcp
from tests.headless.tool_turns import ToolHome, call
from tests.tools.mcp.login_peer import LoginPeer
from tests.tools.mcp.peers import home_of


@pytest.fixture
def peer() -> Iterator[LoginPeer]:
    made = LoginPeer()
    yield made
    made.close()


class Shown(io.StringIO):
    """Standard error, read by a person who visits the page that it names."""

    def write(self, text: str) -> int:
        if "http" in text:
            url = text.rsplit(maxsplit=1)[-1]
            asyncio.get_running_loop().run_in_executor(None, lambda: urllib.request.urlopen(url).read())
        return super().write(text)


async def log_in(home: ToolHome) -> tuple[int, str, str]:
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        await space.tools.rows()
        out, err = io.StringIO(), Shown()
        code = await mcp.log_in(space, "safe", out, err)
        return code, out.getvalue(), err.getvalue()


def test_a_login_is_kept_renewed_and_forgotten(tmp_path: Path, peer: LoginPeer) -> None:
    async def scene() -> None:
        home = home_of(
            tmp_path, f"safe: {{url: '{peer.base}/mcp'}}", rules="tools: {allow: ['safe__*'], tainted: allow}"
        )
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            (row,) = await space.mcp.connect()
            assert row.state == "failed"
            assert "`ralph mcp login NAME`" in (row.error or "")
        peer.ends_in = 1
        code, out, err = await log_in(home)
        assert code == 0
        assert out.split()[:3] == ["safe", "http", "ready"]
        assert err.startswith(f"ralph: open this page to log in to safe:\n{peer.base}/authorization?")
        kept = tmp_path / "mcp-tokens.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        data = json.loads(kept.read_text())
        assert list(data["clients"]) == [peer.base]

        peer.ends_in = 3600
        result = await home.turn("Please tell", [call("safe__secret")])
        (made,) = result.json["steps"][1]["tools"]
        assert (made["status"], made["output"]) == ("ok", "the secret")
        assert peer.refreshed == 1, "the tokens had ended and were renewed in the new process"
        again = await home.turn("And again tell", [call("safe__secret")])
        assert again.json["steps"][1]["tools"][0]["status"] == "ok"
        assert peer.refreshed == 1, "the rotated tokens were written"

        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            out_of = io.StringIO()
            assert mcp.log_out(space, "safe", out_of) == 0
            assert out_of.getvalue() == "the login to safe is forgotten\n"
            mcp.log_out(space, "safe", out_of)
            assert out_of.getvalue().endswith("there was no login to safe\n")
        code, _, _ = await log_in(home)
        assert (code, len(peer.registered)) == (0, 1), "the client id is kept"

    asyncio.run(scene())


def test_a_program_has_no_login(tmp_path: Path) -> None:
    async def scene() -> None:
        home = home_of(tmp_path, "local: {command: [cat]}")
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            with pytest.raises(Failure, match="only a server at an address has a login"):
                await mcp.log_in(space, "local", io.StringIO(), io.StringIO())

    asyncio.run(scene())
