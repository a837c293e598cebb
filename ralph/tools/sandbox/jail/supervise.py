"""The process itself: it starts the program, waits, and leaves nothing of it behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
from typing import NoReturn

from ralph.tools.sandbox.jail import confine, descendants, kernel, namespaces
from ralph.tools.sandbox.jail.order import EndReport, Order

assert sys.platform == "linux"  # noqa: S101 - the other systems have no rung

# Seconds between two looks at whether ralph is still there, and at the number of processes. The kernel limits the
# processes of everybody but root, so that there the looks must be quick, and come first on a machine that is full.
_LOOK_S = 0.05
_ROOT_LOOK_S = 0.005
_RESET_ON_FORK = 0x40000000
# The kernel sends this signal when ralph dies; ralph itself sends SIGTERM.
_RALPH_DIED = signal.SIGHUP
_ENDING = (signal.SIGTERM, signal.SIGINT, _RALPH_DIED)
_ENDED = "ralph ended"


def main(order_from: int, report_to: int) -> None:
    """Read the order, run the program, write the report."""
    os.set_inheritable(report_to, False)
    with open(order_from, encoding="utf-8") as source:
        order: Order = json.load(source)
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD, *_ENDING))
    _come_first()
    kernel.control_process(kernel.PR_SET_CHILD_SUBREAPER, 1)
    kernel.control_process(kernel.PR_SET_PDEATHSIG, _RALPH_DIED)
    if os.getppid() != order["parent"]:
        shutil.rmtree(order["temporary"], ignore_errors=True)
        return
    try:
        report = _run(order, report_to)
    except OSError as error:
        report = EndReport(failed=error.strerror or str(error))
    if report is not None:  # before its end, which the first process of a namespace would report too
        _write(report_to, report)
    descendants.end_all()
    # Ralph is dead, and cannot do it. Its threads die one by one: for a moment its process is still the parent.
    if os.getppid() != order["parent"] or (report or {}).get("stopped") == _ENDED:
        shutil.rmtree(order["temporary"], ignore_errors=True)


def _come_first() -> None:
    """Get the processor before whatever the program starts, where that is allowed; its processes do not inherit it."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO | _RESET_ON_FORK, os.sched_param(1))


def _run(order: Order, report_to: int) -> EndReport | None:
    """Run the program to its end; None if the report was written by the first process of its namespace."""
    own_processes = order["rung"] == "landlock+netns"
    if own_processes:
        namespaces.enter(order["pinned"], order["protected"], network=order["network"])
    status_from, status_to = os.pipe() if order["wrapper"] else (-1, -1)
    base, me = descendants.count_all(), os.getpid()
    child = os.fork()
    if child == 0:
        if own_processes:
            _be_first(order, report_to)
        _become(order, me, report_to, status_to)
    if order["wrapper"]:
        os.close(status_to)
    status, stopped = _wait(child, order, base)
    if stopped:
        return EndReport(stopped=stopped)
    if own_processes:
        return None
    if order["wrapper"]:
        with open(status_from, encoding="utf-8") as source:
            return _read_wrapper(source.read(), status)
    return _read(status)


def _be_first(order: Order, report_to: int) -> NoReturn:
    """Be the first process of a namespace: start the program, collect orphans, report. Its end is the end of all."""
    kernel.control_process(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    program = os.fork()
    if program == 0:
        _become(order, 1, report_to, -1)
    while True:
        ended, status = os.wait()
        if ended == program:
            _write(report_to, _read(status))
            os._exit(0)


def _become(order: Order, parent: int, report_to: int, status_to: int) -> NoReturn:
    try:
        os.setsid()
        extra: list[str] = []
        if status_to >= 0:
            os.set_inheritable(status_to, True)
            extra = ["--json-status-fd", str(status_to)]
        confine.confine(order, parent)
        confine.execute(order, extra)
    except OSError as error:
        _write(report_to, EndReport(failed=error.strerror or str(error)))
    finally:
        os._exit(127)


def _wait(child: int, order: Order, base: int) -> tuple[int, str]:
    """Wait for the child; return its status, or why everything has to end."""
    look_s = _ROOT_LOOK_S if os.geteuid() == 0 else _LOOK_S
    while True:
        woken = signal.sigtimedwait((signal.SIGCHLD, *_ENDING), look_s)
        if woken is not None and woken.si_signo in _ENDING:
            return 0, _ENDED if woken.si_signo == _RALPH_DIED else "it was stopped"
        while True:  # orphans come here too
            try:
                ended, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if ended == child:
                return status, ""
            if ended == 0:
                break
        if os.getppid() != order["parent"]:
            return 0, _ENDED
        if descendants.count_all() - base > order["processes"] and len(descendants.find()) > order["processes"]:
            return 0, f"it had more than {order['processes']} processes"


def _read(status: int) -> EndReport:
    if os.WIFSIGNALED(status):
        return EndReport(signal=os.WTERMSIG(status))
    return EndReport(exit=os.WEXITSTATUS(status))


def _read_wrapper(said: str, status: int) -> EndReport:
    """Return how the program ended, by what bubblewrap says: it reports an exit code only of a program that it ran."""
    for line in said.splitlines():
        code = json.loads(line).get("exit-code")
        if isinstance(code, int):
            return EndReport(signal=code - 128) if 128 < code <= 128 + signal.NSIG else EndReport(exit=code)
    if os.WIFSIGNALED(status):
        return EndReport(signal=os.WTERMSIG(status))
    return EndReport(failed="bubblewrap could not set it up")


def _write(report_to: int, report: EndReport) -> None:
    with contextlib.suppress(BrokenPipeError):  # ralph is dead, and the program has still to be ended
        os.write(report_to, json.dumps(report).encode())
