"""The sandbox that holds the programs of a workspace. Nothing of it is loaded until a program or a check needs it."""

from __future__ import annotations

from pathlib import Path

from ralph.core.llm.tool import SandboxMode
from ralph.core.llm.tool_output import Rung
from ralph.core.ports.rows import Check


class ProgramSandbox:
    """Finds the rung of the ladder that holds here, and proves every one."""

    def __init__(self, mode: SandboxMode, root: Path) -> None:
        self._mode: SandboxMode = mode
        self._root = root

    def find_rung(self) -> Rung:
        """Return the rung that a program would run on. The first call takes up to some hundred milliseconds."""
        from ralph.tools.sandbox import ladder

        return ladder.find_rung(self._mode, self._root)

    def check(self) -> tuple[Check, ...]:
        """Try in each rung what must fail. Takes up to a second; for a thread."""
        from ralph.tools.sandbox import ladder

        rung, why = self.find_rung(), ladder.explain_none(self._mode, self._root)
        detail = f"no sandbox holds programs: {why}" if why else f"programs run in {rung}"
        if why and self._mode != "off":
            detail += f"; {ladder.INSTALL}"
        refused = self._mode == "require" and rung == "none"
        made = [Check("sandbox", not refused, f"{detail} (tools.sandbox: {self._mode})")]
        for proof in ladder.prove_all():
            if proof.rung != "none":
                leaks = bool(proof.stops) and not proof.holds
                made.append(Check(f"sandbox {proof.rung}", not leaks, ladder.describe(proof)))
        return tuple(made)
