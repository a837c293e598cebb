"""`/doctor`: runs the checks of `ralph doctor`."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.core.errors import Failure, Kind
from ralph.core.ports.face import Face
from ralph.core.ports.rows import Check


async def run(argument: str, face: Face) -> None:
    """Run all checks. `live` asks each connected provider for its models, which costs nothing."""
    word = argument.strip().casefold()
    if word not in ("", "live"):
        raise Failure(Kind.USAGE, f"/doctor takes only the word live (it asks the providers too), not '{word}'")
    found = await face.workspace.machine.checks(live=word == "live")
    lines = "\n".join(_line(check) for check in found)
    bad = sum(not c.ok for c in found)
    face.result({"ok": not bad, "checks": found})
    told = "Every check passed." if not bad else f"**{bad} of {len(found)} checks failed.**"
    more = "" if word else " `/doctor live` asks the providers too."
    face.say(f"| | what | seen |\n| --- | --- | --- |\n{lines}\n\n{told}{more}")


def _line(check: Check) -> str:
    return f"| {'✓ ok' if check.ok else '✗ **bad**'} | {verbatim(check.name)} | {verbatim(check.detail)} |"


async def complete(argument: str, face: Face) -> Sequence[str]:  # noqa: ARG001 - a Complete
    return ["live"] if "live".startswith(argument.casefold()) else ()


COMMAND = Simple("doctor", "check the setup", run, usage="[live]", complete=complete)
