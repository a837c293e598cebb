"""Reads the section `mcp:`: the servers by name, and two times."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ralph.config.check import Checker
from ralph.config.document import Value
from ralph.config.settings import McpServerSettings, McpSettings

_KEYS = ("command", "env", "cwd", "url", "headers", "tools", "trust", "enabled")


def read_mcp(check: Checker, value: Value) -> McpSettings:
    """Return the section. Raises `ConfigFailure`."""
    made: dict[str, Any] = {}
    for key, item in check.mapping(value, "mcp").items():
        check.check_key(item, "mcp.", key, ("servers", "startup_s", "call_s"))
        if key == "servers":
            made[key] = {name: _server(check, name, one) for name, one in check.mapping(item, "mcp.servers").items()}
        else:
            made[key] = check.read(float, item, f"mcp.{key}")
    return McpSettings(**made)


def _server(check: Checker, name: str, value: Value) -> McpServerSettings:
    where = f"mcp.servers.{name}"
    if not any(letter.isascii() and letter.isalnum() for letter in name) or name != name.strip():
        raise check.fail(value, where, "a name with a letter or a digit")
    made: dict[str, Any] = {}
    for key, item in check.mapping(value, where).items():
        check.check_key(item, f"{where}.", key, _KEYS)
        made[key] = _read(check, item, f"{where}.{key}", key)
    server = McpServerSettings(**made)
    if bool(server.command) == bool(server.url):
        raise check.fail(value, where, "a command, or a url, and not both")
    if server.url and urlsplit(server.url).scheme not in ("http", "https"):
        raise check.fail(value, f"{where}.url", "an address that begins with http:// or https://")
    return server


def _read(check: Checker, item: Value, where: str, key: str) -> Any:
    if key in ("env", "headers"):
        found = check.mapping(item, where)
        return {name: str(check.read(str, one, f"{where}.{name}")) for name, one in found.items()}
    if key in ("command", "tools"):
        return check.read(tuple[str, ...], item, where)
    return check.read(bool if key in ("trust", "enabled") else str, item, where)
