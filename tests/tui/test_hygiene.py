"""What the first paint must not cost: nothing heavy is imported before it."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import asyncio, sys
from ralph.tui.app import RalphApp
from tests.tui.desk import Desk
from tests.tui.play import Play

async def main():
    play = Play()
    app = RalphApp(Desk(play), play, [])
    app._idle = lambda: None
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        print(sorted(sys.modules))

asyncio.run(main())
"""
LATE = {
    "markdown_it", "pygments.lexers.python", "textual.highlight", "textual.widgets._markdown", "anthropic", "openai",
    "httpx", "httpx2", "pydantic", "mcp", "genai_prices", "aiosqlite", "ralph.providers", "ralph.assembly",
    "ralph.headless", "ralph.tui.prompt.completion",
    "ralph.tui.prompt.attachments", "ralph.tui.prompt.paths",
    "ralph.tui.prompt.editor", "ralph.tools._paths", "ralph.store",
}  # fmt: skip


def test_an_empty_timeline_is_painted_without_parser_lexers_or_vendors() -> None:
    made = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    loaded = made.stdout
    assert [name for name in sorted(LATE) if f"'{name}'" in loaded] == []
