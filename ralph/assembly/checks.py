"""Checks of the installation, the database and the providers."""

from __future__ import annotations

import asyncio
import platform
import sys
from pathlib import Path

from ralph.core.errors import Failure
from ralph.core.formatting import plural
from ralph.core.ports.rows import Check, ProviderRow
from ralph.core.ports.store import TimelineStore
from ralph.core.ports.workspace import ModelService


async def checks(
    store: TimelineStore, models: ModelService, config: Path, choice: str, *, live: bool
) -> tuple[Check, ...]:
    """Run all checks. `live` asks each configured provider for its models in parallel, which costs nothing.

    `choice` describes the model that ralph chose by itself; empty for none.
    """
    damage, missing = await store.damage(), await store.missing()
    harm = await store.harm() if not damage else []
    left = [] if missing else await store.catalog.list_unfinished()
    held = [t for t in left if store.is_held(t)]
    where = await asyncio.to_thread(_config, config)
    made = [
        Check("python", sys.version_info >= (3, 11), platform.python_version()),
        Check("config", True, where),
        Check("database", True, str(store.path)),
        Check("auto-detected model", True, choice or "none"),
        Check("integrity", not damage, damage or "ok"),
        Check("schema", not missing, f"missing: {', '.join(missing)}; `ralph doctor --rebuild`" if missing else "ok"),
        Check("events", not harm, "; ".join(harm) or "every row can be read"),
        Check("unfinished", len(held) == len(left), f"{len(held)} running" if left else "none"),
    ]
    await models.learn_names()
    rows = models.providers()
    made += await asyncio.gather(*(_provider(models, row, live) for row in rows if row.configured))
    made += [Check(f"breaker {r.name}", False, f"paused after failures: {m}") for r in rows for m in r.breakers]
    return tuple(made)


def _config(file: Path) -> str:
    return str(file) if file.exists() else f"{file} (not there: all defaults)"


async def _provider(models: ModelService, row: ProviderRow, live: bool) -> Check:
    name = f"provider {row.name}"
    if not live:
        return Check(name, True, _describe_offline(row))
    try:
        found = await models.list_models(row.name)
    except Failure as failure:
        return Check(name, False, failure.message)
    return Check(name, True, f"answers; {plural(len(found), 'model')}")


def _describe_offline(row: ProviderRow) -> str:
    """Describe a provider without a request; whether its key is right is unknown."""
    return row.why if row.name == "builtin" else f"{row.why}; not asked; ralph doctor --live asks"
