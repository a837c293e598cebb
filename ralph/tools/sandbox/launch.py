"""The command that starts the process between ralph and a program, and the reading of its report."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import IO

import ralph
from ralph.core.data import Data, frozen
from ralph.core.llm.tool_output import Rung
from ralph.tools.sandbox.bubblewrap import find_bubblewrap, make_command
from ralph.tools.sandbox.jail.order import EndReport, Order
from ralph.tools.sandbox.limits import Limits
from ralph.tools.sandbox.program_paths import ProgramPaths

_CODE = (
    "import sys; sys.path.append(sys.argv[3]); from ralph.tools.sandbox.jail.supervise import main; "
    "main(int(sys.argv[1]), int(sys.argv[2]))"
)
_REPORT_BYTES = 4096


@frozen
class Launch(Data):
    """The command to start, with the descriptors that it needs. They must be closed after the start."""

    argv: tuple[str, ...]
    order: IO[str]
    report_from: int
    report_to: int

    @property
    def descriptors(self) -> tuple[int, int]:
        """Return the descriptors to pass on."""
        return self.order.fileno(), self.report_to

    def forget_passed_files(self) -> None:
        """Close what only the started process needs."""
        self.order.close()
        os.close(self.report_to)

    def report(self) -> EndReport:
        """Return how the program ended; call it once, after the process has ended."""
        with open(self.report_from, "rb") as source:
            said = source.read(_REPORT_BYTES).decode("utf-8", "replace")
        if not said:
            return EndReport(stopped="it was stopped")
        first: EndReport = json.JSONDecoder().raw_decode(said)[0]  # the program's own comes before that of its parent
        return first


def make_order(
    rung: Rung, argv: tuple[str, ...], cwd: Path, paths: ProgramPaths, limits: Limits, *, network: bool
) -> Order:
    """Return the order to run a program on a rung."""
    bubblewrap = find_bubblewrap() if rung == "bwrap" else None
    return Order(
        argv=list(argv),
        cwd=str(cwd),
        rung=rung,
        network=network,
        wrapper=make_command(bubblewrap, paths, str(cwd), network=network) if bubblewrap else [],
        readable=list(paths.readable),
        writable=list(paths.writable),
        temporary=paths.writable[-1],
        pinned=list(paths.pinned),
        protected=list(paths.protected),
        cpu_s=limits.cpu_s,
        memory=limits.memory,
        address_space=limits.address_space,
        file_bytes=limits.file_bytes,
        processes=limits.processes,
        parent=os.getpid(),
    )


def prepare_launch(order: Order) -> Launch:
    """Return what to start for an order. Raises `OSError`."""
    source = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by `forget_passed_files`
    json.dump(order, source)
    source.flush()
    source.seek(0)
    report_from, report_to = os.pipe()
    packages = str(Path(ralph.__file__).parents[1])
    argv = (sys.executable, "-S", "-E", "-I", "-c", _CODE, str(source.fileno()), str(report_to), packages)
    return Launch(argv, source, report_from, report_to)
