"""The rule that the answer "always" stores: as narrow as the next calls of the same kind allow."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from ralph.core.llm.consent import CallFacts
from ralph.tools.consent.hosts import find_target
from ralph.tools.consent.matching import covers
from ralph.tools.consent.paths import escape_glob, find_place
from ralph.tools.consent.programs import find_signs, kinds_of
from ralph.tools.consent.rule import UnreadableRule, read_rule
from ralph.tools.consent.simple_line import read_simple

MAX_CHARACTERS = 500
# Programs whose first word is a command of their own, as in `git log`.
WITH_COMMANDS = frozenset(
    ["apk", "apt", "apt-get", "brew", "bundle", "cargo", "dnf", "gem", "gh", "git", "go", "hg", "ip", "npm", "pip",
     "pip3", "pnpm", "ruff", "svn", "systemctl", "terraform", "yarn"]
)  # fmt: skip
_COMMAND = re.compile(r"[a-z][a-z0-9:_-]*")


def make_rule(facts: CallFacts, root: Path) -> str:
    """Return the rule that covers this call and those like it; empty if none can."""
    text = _write_rule(facts, root)
    if not text or len(text) > MAX_CHARACTERS or not text.isprintable():
        return ""
    try:
        return text if covers(read_rule(text), facts, root) else ""
    except UnreadableRule:
        return ""


def _write_rule(facts: CallFacts, root: Path) -> str:  # noqa: PLR0911 - one case an effect
    match facts.effect, facts.resource:
        case (("none" | "unknown"), _):
            return facts.name
        case ("read", ""):
            return facts.name
        case (("read" | "write"), str(path)) if path:
            return f"{facts.name}({_glob(path, root)})"
        case "network", str(url) if url:
            target = find_target(url)
            if target is None:
                return ""
            host = f"[{target.host}]" if ":" in target.host else target.host
            return f"{facts.name}({host if target.own_port else f'{host}:{target.port}'})"
        case "run", str(line) if line:
            words = read_simple(line)
            return f"{facts.name}({_argv(words)})" if words else ""
        case "run", (_, *_) as argv:
            return f"{facts.name}({_argv(argv)})"
        case _:
            return ""


def _glob(path: str, root: Path) -> str:
    """Return the files beside this one; the file alone at the top, for a name with a dot first, or outside."""
    place = find_place(path, root)
    if place is None or not place.inside:
        return "/"
    folder, _, name = place.real.rpartition("/")
    hidden = any(part.startswith(".") for part in place.real.split("/"))
    return escape_glob(place.real) if hidden or not folder or not name else f"{escape_glob(folder)}/**"


def _argv(argv: Sequence[str]) -> str:
    """Return the program and its command, or all tokens where a prefix would cover too much."""
    command = argv[0] in WITH_COMMANDS and len(argv) > 1 and _COMMAND.fullmatch(argv[1])
    prefix = argv[:2] if command else argv[:1]
    return shlex.join(argv if find_signs(argv, prefix) or "careful" in kinds_of(argv[0]) else prefix)
