"""The keys of providers on the command line: list them, keep one, forget one."""

from __future__ import annotations

from typing import TextIO

from ralph.core.log.codec import dump_visible, plain
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line


async def list_keys(workspace: Workspace, out: TextIO, *, as_json: bool = False) -> int:
    """Print every key with its source; of several for one provider the first is in use."""
    rows = await workspace.keys.rows()
    if as_json:
        print(dump_visible({"keys": [plain(row) for row in rows]}), file=out)
        return 0
    if not rows:
        print("no keys; `ralph keys set PROVIDER` enters one, `ralph providers` lists the providers", file=out)
    seen: set[str] = set()
    for row in rows:
        unused = "  not used: another key overrides it" if row.provider in seen else ""
        seen.add(row.provider)
        print(line(f"{row.provider:18} {row.source:16} {row.masked or ''}{unused}").rstrip(), file=out)
    return 0


async def keep(workspace: Workspace, provider: str, key: str, out: TextIO, *, as_json: bool = False) -> int:
    """Keep the key, without a request. Raises `Failure`."""
    place = await workspace.keys.keep(provider, key)
    if as_json:
        return await list_keys(workspace, out, as_json=True)
    print(line(f"the key of {provider} is kept in {place}, for you only; `ralph models {provider}` tries it"), file=out)
    return 0


async def remove(workspace: Workspace, provider: str, out: TextIO, *, as_json: bool = False) -> int:
    """Forget the key. Raises `NotFound`."""
    place = await workspace.keys.remove(provider)
    if as_json:
        return await list_keys(workspace, out, as_json=True)
    print(line(f"the key of {provider} is no longer in {place}"), file=out)
    return 0
