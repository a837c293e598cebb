"""The loopback server: one port, every vendor's paths, a script of replies, and a record of what was asked.

As a process: `python -m tests.wires.server --port 0 --script file.json` prints its port on the first line of stdout.
The script is a JSON list of replies, or `{"replies": [...], "models": [...]}`; `GET /_requests` lists what was asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.wires import anthropic_wire, chat_wire, ollama_wire, responses_wire
from tests.wires.connection import Connection, Gone, Incoming
from tests.wires.frames import Frames, dumps
from tests.wires.lies import raw_frames, told
from tests.wires.script import Reply, Script, reply_of

MODELS: tuple[Mapping[str, Any], ...] = ({"id": "model-1", "window": 131_072, "max_output": 8_192},)
GENERATING = ("/v1/messages", "/responses", "/chat/completions", "/api/chat")


@dataclass
class Recorded:
    """One request as it came, and how it ended. `closed_early`: the client left before the reply was over."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    client: int = 0  # the client's port: requests of one connection share it
    closed_early: bool = False
    finished: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def generating(self) -> bool:
        """It asked for an answer (and not for a list)."""
        return self.method == "POST" and self.path.partition("?")[0].endswith(GENERATING)

    def plain(self) -> dict[str, Any]:
        shown = {k: v for k, v in vars(self).items() if k != "body"}
        return {**shown, "headers": dict(self.headers), "body": self.body.decode("utf-8", "replace")}


@dataclass
class Server:
    """Serve with `async with Server(Reply(...)) as server:`; reach it at `server.url`."""

    script: Script = field(default_factory=Script)
    models: tuple[Mapping[str, Any], ...] = MODELS
    requests: list[Recorded] = field(default_factory=list)
    port: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[Recorded]:
        """The requests for an answer, in the order they came."""
        return [r for r in self.requests if r.generating]

    def will(self, *replies: Reply) -> None:
        """Add replies to the script."""
        self.script.add(*replies)

    async def until(self, true: Callable[[], bool]) -> None:
        """Return as soon as the condition holds; it is looked at whenever a request comes or ends."""
        while not true():
            self._changed.clear()
            await self._changed.wait()

    async def __aenter__(self) -> Server:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(Connection(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: Connection) -> None:
        with suppress(Gone, ConnectionError):
            async with connection:
                while (incoming := await connection.read()) is not None:
                    record = Recorded(
                        incoming.method, incoming.path, incoming.headers, incoming.body, connection.client
                    )
                    self.requests.append(record)
                    self._changed.set()
                    try:
                        keep = await self._answer(connection, incoming)
                    except (Gone, ConnectionError):
                        record.closed_early = True
                        raise
                    finally:
                        record.finished = True
                        self._changed.set()
                    if not keep:
                        return

    async def _answer(self, connection: Connection, incoming: Incoming) -> bool:
        path, text = incoming.path.partition("?")[0], incoming.body.decode("utf-8", "replace")
        generating = incoming.method == "POST" and path.endswith(GENERATING)
        reply = self.script.take(path, text, only_named=not generating)
        if reply is None:
            return await self._unscripted(connection, incoming, generating)
        if reply.fault == "stall_headers":
            await connection.gone()
        if reply.fault == "reset":
            connection.abort()
            return False
        if reply.fault == "html":
            page = "<!doctype html><html><body><h1>Sign in</h1></body></html>"
            return await connection.whole(200, {"content-type": "text/html"}, page.encode())
        if reply.status != 200:
            body = reply.body if reply.body is not None else dumps(_error(path, reply))
            return await connection.whole(reply.status, {"content-type": "application/json", **reply.headers}, body)
        if reply.body is not None:
            return await connection.whole(200, {"content-type": "application/json", **reply.headers}, reply.body)
        asked = json.loads(text)
        frames = _frames(path, reply, asked)
        kind = "application/x-ndjson" if path.endswith("/api/chat") else "text/event-stream"
        return await connection.stream(reply, frames, kind, *_faults(path, reply))

    async def _unscripted(self, connection: Connection, incoming: Incoming, generating: bool) -> bool:
        """The lists that every server has; an answer that no reply is for is a mistake of the test."""
        path, json_type = incoming.path.partition("?")[0], {"content-type": "application/json"}
        made: Any = None
        if path == "/_requests":
            made = [r.plain() for r in self.requests[:-1]]
        elif path.endswith("/v1/models"):
            made = self._listing("anthropic-version" in incoming.headers)
        elif path.endswith("/api/tags"):
            made = ollama_wire.tags([dict(m) for m in self.models])
        elif path.endswith("/api/show"):
            name = json.loads(incoming.body).get("model")
            found = next((dict(m) for m in self.models if m["id"] == name), None)
            made = ollama_wire.show(found) if found else None
        elif path.endswith("/api/ps"):
            made = {"models": []}
        elif path.endswith("/api/version"):
            made = {"version": "0.40.1"}
        elif path.endswith("/count_tokens"):
            made = {"input_tokens": len(incoming.body) // 4}
        if made is not None:
            return await connection.whole(200, json_type, dumps(made))
        status = 500 if generating else 404
        words = "the script has no reply left for this" if generating else f"no such path: {path}"
        return await connection.whole(status, json_type, dumps({"error": {"message": words, "type": "scripted"}}))

    def _listing(self, anthropic: bool) -> dict[str, Any]:
        if not anthropic:
            kept = [{k: v for k, v in m.items() if k not in ("window", "max_output")} for m in self.models]
            rows = [{"object": "model", "created": 1, "owned_by": "test", **m} for m in kept]
            return {"object": "list", "data": rows}
        data = [
            {
                "type": "model",
                "id": m["id"],
                "display_name": m["id"],
                "created_at": "2026-01-01T00:00:00Z",
                "max_input_tokens": m.get("window"),
                "max_tokens": m.get("max_output"),
                "lifecycle": "deprecated" if m.get("retires") else "active",
                "retires_at": m.get("retires"),
                "capabilities": {"thinking": {"supported": True}, "image_input": {"supported": True}},
            }
            for m in self.models
        ]
        return {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}


def _wire(path: str) -> Any:
    if path.endswith("/messages"):
        return anthropic_wire
    if path.endswith("/responses"):
        return responses_wire
    return ollama_wire if "/api/" in path else chat_wire


def _frames(path: str, reply: Reply, asked: Mapping[str, Any]) -> Frames:
    honest = iter(raw_frames(path, reply.events)) if reply.events else _honest_frames(path, reply, asked)
    return told(path, honest, reply.lies)


def _honest_frames(path: str, reply: Reply, asked: Mapping[str, Any]) -> Frames:
    wire, model = _wire(path), asked.get("model", "")
    if wire is chat_wire:
        include = bool((asked.get("stream_options") or {}).get("include_usage"))
        return chat_wire.frames(reply, model, include_usage=include)
    return wire.frames(reply, model)  # type: ignore[no-any-return]


def _faults(path: str, reply: Reply) -> tuple[bytes, bytes]:
    wire = _wire(path)
    return wire.MALFORMED, wire.error_event(dict(reply.error))


def _error(path: str, reply: Reply) -> dict[str, Any]:
    wire = _wire(path)
    wire = chat_wire if wire is responses_wire else wire
    return wire.error(reply.status, dict(reply.error))  # type: ignore[no-any-return]


def load(text: str) -> Server:
    """A server from the JSON of its script."""
    data = json.loads(text)
    if isinstance(data, list):
        data = {"replies": data}
    return Server(Script([reply_of(r) for r in data["replies"]]), tuple(data.get("models", MODELS)))


async def _main(server: Server) -> None:
    async with server:
        print(server.port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A scripted loopback server for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", required=True)
    with suppress(KeyboardInterrupt):
        given = parser.parse_args()
        scripted = load(Path(given.script).read_text(encoding="utf-8"))
        scripted.port = given.port
        asyncio.run(_main(scripted))
