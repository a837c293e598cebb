"""Providers and their models on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from ralph import registry
from ralph.core.errors import Failure, exit_code
from ralph.core.log.codec import dump_visible, plain
from ralph.core.ports.rows import ProviderRow
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line


async def providers(workspace: Workspace, out: TextIO, *, as_json: bool = False) -> int:
    """List every provider, whether it is configured, and how to connect it."""
    await workspace.models.learn_names()
    rows = workspace.models.providers()
    if as_json:
        print(dump_visible([plain(row) for row in rows]), file=out)
        return 0
    services = registry.table_rows("providers")
    for row in rows:
        if row.name in services and not row.configured:
            continue
        roles = f"  ← {', '.join(row.roles)}" if row.roles else ""
        print(
            f"{'✓ ready' if row.configured else '· not set':9}  {line(row.name):18} {line(row.summary + roles)}",
            file=out,
        )
        for model in row.breakers:
            print(f"{'':30} paused after failures: {line(model)}", file=out)
        if not row.configured:
            print(f"{'':30} {line(row.why)}", file=out)
    _name_services([row for row in rows if row.name in services and not row.configured], out)
    return 0


def _name_services(rows: Sequence[ProviderRow], out: TextIO) -> None:
    """Name the services that need nothing but a key, and the local servers that need nothing but to run."""
    keyed, local = ([row.name for row in rows if row.local is here] for here in (False, True))
    if keyed:
        print(f"\nWith a key only (`/connect {keyed[0]}`, or {keyed[0].upper()}_API_KEY): {', '.join(keyed)}", file=out)
    if local:
        print(f"Servers on this machine, once they run: {', '.join(local)}", file=out)


async def models(workspace: Workspace, provider: str | None, out: TextIO, err: TextIO, *, as_json: bool = False) -> int:
    """List the models of one provider, or of every configured one. Raises the `Failure` of a named provider.

    Of several providers, failures are printed on `err`, and the exit code is that of the first.
    """
    await workspace.models.learn_names()
    names = [provider] if provider else [r.name for r in workspace.models.providers() if r.configured]
    found, code = [], 0
    for name in names:
        try:
            found.append((name, await workspace.models.list_models(name)))
        except Failure as failure:
            if provider:
                raise
            print(f"ralph: {failure.message}", file=err)
            code = code or exit_code(failure.kind)
    if as_json:
        print(dump_visible([{"provider": name, **plain(m)} for name, listed in found for m in listed]), file=out)
        return code
    for name, listed in found:
        for model in listed:
            window = f"{model.window:,} tokens" if model.window else ""
            print(line(f"{name}:{model.name}  {window}").rstrip(), file=out)
    return code
