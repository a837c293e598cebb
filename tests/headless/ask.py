"""One headless turn in this process, with its own home, its own database and a given server."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.config.paths import database
from ralph.core.clock import Clock
from ralph.core.errors import Failure
from ralph.headless.run import Output, Question, refuse, run
from tests.frozen import counted_ids

# The wires, each as an entry of `providers:` for a server at {url}, with its ref.
WIRES: Mapping[str, tuple[str, str]] = {
    "anthropic": ('{{anthropic: {{api_key: sk-test, base_url: "{url}"}}}}', "anthropic:model-1"),
    "responses": ('{{openai: {{api_key: sk-test, base_url: "{url}/v1", api: responses}}}}', "openai:model-1"),
    "chat": ('{{openai: {{api_key: sk-test, base_url: "{url}/v1"}}}}', "openai:model-1"),
    "compatible": ('{{mine: {{kind: openai_compatible, base_url: "{url}/v1"}}}}', "mine:model-1"),
    "ollama": ('{{ollama: {{base_url: "{url}"}}}}', "ollama:model-1"),
}
# The vendors' wires by their SDKs, which `transport: auto` leaves out of a headless turn.
BY_SDK: Mapping[str, tuple[str, str]] = {
    f"{name}_sdk": (WIRES[name][0].replace("}}}}", ", transport: sdk}}}}"), WIRES[name][1])
    for name in ("anthropic", "responses", "chat")
}


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str
    home: Path

    @property
    def json(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(self.out)
        return made

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    def rows(self, sql: str = "SELECT * FROM attempts ORDER BY started_at, attempt") -> list[dict[str, Any]]:
        """Rows of the database that the run left."""
        with contextlib.closing(sqlite3.connect(database({"RALPH_DATA_DIR": str(self.home)}))) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]


Ask = Callable[..., Awaitable[Result]]


class Home:
    """A person's machine: a configuration, a database, a working directory."""

    def __init__(self, path: Path, config: str = "", environ: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.flags = Flags()
        self.clock: Clock | None = None
        self.ids = counted_ids()
        (path / "config.yaml").write_text(config)
        self.environ = {
            "RALPH_DATA_DIR": str(path), "RALPH_CONFIG": str(path / "config.yaml"), **(environ or {})
        }  # fmt: skip
        self.root = path / "work"
        self.root.mkdir(exist_ok=True)

    async def ask(self, prompt: str, output: Output = "json", **options: Any) -> Result:
        """Ask one thing. `options` are flags of the run, or fields of `Question`."""
        asked = Question(prompt, output=output)
        named = {k: v for k, v in options.items() if k in Question.__dataclass_fields__}
        flags = replace(self.flags, **{k: v for k, v in options.items() if k not in named})
        out, err = io.StringIO(), io.StringIO()
        try:
            async with workspace(flags, environ=self.environ, root=self.root, ids=self.ids, clock=self.clock) as space:
                code = await run(space, replace(asked, **named), out, err)
        except Failure as failure:
            code = refuse(failure, output, out, err)
        return Result(code, out.getvalue(), err.getvalue(), self.path)

    @contextlib.asynccontextmanager
    async def sitting(self) -> AsyncIterator[Ask]:
        """One workspace that stays open, as a screen's does: `ask(prompt, **fields of Asked)`, as often as you like."""
        async with workspace(self.flags, environ=self.environ, root=self.root, ids=self.ids) as space:

            async def ask(prompt: str, output: Output = "json", **named: Any) -> Result:
                out, err = io.StringIO(), io.StringIO()
                code = await run(space, Question(prompt, output=output, **named), out, err)
                return Result(code, out.getvalue(), err.getvalue(), self.path)

            yield ask


def home_on(path: Path, wire: str, url: str, more: str = "") -> Home:
    """A home whose models are all on this wire of the server, its route by the rules."""
    entry, ref = (WIRES | BY_SDK)[wire]
    home = Home(path, f"providers: {entry.format(url=url)}\n{more}")
    home.flags = Flags(model=ref, route="rules")
    return home
