"""The rules on tools that the command line gives."""

from __future__ import annotations

from ralph.core.data import Data, frozen


@frozen
class RunRules(Data):
    """The flags of a run about tools: `--yes`, `--allow`, `--deny` and `--dry-run`."""

    yes: bool = False
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    dry: bool = False
