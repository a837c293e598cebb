"""Downloads and removes models on the command line."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any, TextIO

from ralph.core.llm.provider import PullProgress
from ralph.core.log.codec import dump_visible
from ralph.core.ports.workspace import Workspace
from ralph.core.sanitise import line

# A program gets a line for each of these steps; a download has thousands.
STEPS = 100


async def describe(workspace: Workspace, ref: str) -> str:
    """Return what a download brings, as a question's first half. Raises `Failure`."""
    provider, found = await workspace.models.find_puller(ref)
    return provider.describe_pull(found.model)


async def pull(workspace: Workspace, ref: str, out: TextIO, err: TextIO, *, as_json: bool = False) -> int:
    """Download a model. Progress goes to `err` where that is a terminal, or as JSON lines to `out`."""
    provider, found = await workspace.models.find_puller(ref)
    shown, last, moves = -1, PullProgress(0, None), err.isatty() and not as_json
    try:
        async with aclosing(provider.pull(found.model)) as steps:
            async for last in steps:
                step = last.bytes * STEPS // last.total if last.total else last.bytes >> 20
                if last.done or step == shown:
                    continue
                shown = step
                if as_json:
                    print(dump_visible(_row(ref, last)), file=out, flush=True)
                elif moves:
                    print(f"\r{_progress(last)}\x1b[K", end="", file=err, flush=True)
    finally:
        if moves and shown >= 0:
            print(file=err)
    if as_json:
        print(dump_visible({**_row(ref, last), "done": True, "path": last.path, "sha256": last.sha256}), file=out)
        return 0
    place = f": {last.path}" if last.path else ""
    print(line(f"{found} is here{place}; `ralph -m {found}` asks it"), file=out)
    return 0


async def remove(workspace: Workspace, ref: str, out: TextIO, *, as_json: bool = False) -> int:
    """Remove a pulled model. Raises `Failure`."""
    provider, found = await workspace.models.find_puller(ref)
    gone = await provider.remove(found.model)
    print(dump_visible({"ref": ref, "removed": gone}) if as_json else line(f"removed {gone}"), file=out)
    return 0


def _row(ref: str, step: PullProgress) -> dict[str, Any]:
    return {"ref": ref, "bytes": step.bytes, "total": step.total}


def _progress(step: PullProgress) -> str:
    done = f"{step.bytes / 1e6:,.0f}"
    return f"{done} of {step.total / 1e6:,.0f} MB  {step.bytes / step.total:.0%}" if step.total else f"{done} MB"
