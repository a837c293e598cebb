"""Runs one shell line on a rung and prints what the model would read: a process of its own, to be killed or to be
somebody else. `python -m tests.tools.sandbox.driver RUNG ROOT COMMAND`; RUNG `prove` prints the proofs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ralph.core.llm.tool import Surroundings, ToolCall
from ralph.tools.sandbox import ladder, program
from ralph.tools.sandbox.limits import Limits
from ralph.tools.shell import TOOL
from tests.frozen import FrozenClock


def main(rung: str, root: str, command: str) -> None:
    if rung == "prove":
        for proof in ladder.prove_all():
            print(proof.rung, proof.holds, proof.why_not, *proof.stops, sep="|")
        return
    program.find_rung = lambda *_: rung  # type: ignore[assignment,return-value]
    make_order = program.make_order
    small = Limits(processes=60, file_bytes=1 << 20)
    program.make_order = lambda a, b, c, d, _, **rest: make_order(a, b, c, d, small, **rest)
    call = ToolCall(Surroundings(Path(root), FrozenClock()), emit_output=lambda _: None)
    print(asyncio.run(TOOL.run({"command": command, "timeout_s": 50}, call)).text)


if __name__ == "__main__":
    main(*sys.argv[1:])
