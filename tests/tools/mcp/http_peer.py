"""A server by the SDK over HTTP, in a process of its own: `python -m tests.tools.mcp.http_peer PORT [TOKEN]`.

It speaks both revisions of the protocol. With a token it refuses requests without it.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.resolve import Elicit, Resolve
from pydantic import BaseModel

server = MCPServer("shop", version="1.0")


class Address(BaseModel):
    street: str
    number: int


async def ask_address() -> Elicit[Address]:
    return Elicit("Where to?", Address)


@server.tool()
async def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
async def deliver(what: str, address: Annotated[Address, Resolve(ask_address)]) -> str:
    """Delivers a thing."""
    return f"{what} goes to {address.street} {address.number}"


@server.tool()
async def bake(ctx: Context[Any, Any]) -> str:
    """Bakes a loaf."""
    for step in range(3):
        await ctx.report_progress(step + 1, 3, "baking")
    return "a loaf"


@server.tool()
async def spill() -> str:
    """Spills it."""
    raise ValueError("the milk is spilt")


def guard(app: Any, token: str) -> Any:
    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and (b"x-shop-key", token.encode()) not in scope["headers"]:
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
            return
        await app(scope, receive, send)

    return guarded


if __name__ == "__main__":
    app: Any = server.streamable_http_app()
    if len(sys.argv) > 2:
        app = guard(app, sys.argv[2])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
