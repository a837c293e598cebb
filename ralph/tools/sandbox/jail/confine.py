"""What happens in the child before it becomes the program: limits, Landlock, filters, an end with its parent."""

from __future__ import annotations

import os
import resource
import signal
import sys

from ralph.tools.sandbox.jail import descendants, kernel, landlock, seccomp
from ralph.tools.sandbox.jail.order import Order

assert sys.platform == "linux"  # noqa: S101 - no other system can do it

# Signals that Python ignores, and a program expects to work.
_RESTORED = (signal.SIGPIPE, signal.SIGXFSZ)


def confine(order: Order, parent: int) -> None:
    """Confine this process for good as the rung says. `parent`: its death is this one's. Raises `OSError`."""
    _set_limits(order)
    os.chdir(order["cwd"])
    if order["rung"].startswith("landlock"):
        own_network = order["rung"] != "landlock"
        kernel.drop_capabilities()
        landlock.restrict(order["readable"], order["writable"], tcp=own_network or order["network"])
        seccomp.refuse_sockets(all_kinds=not own_network and not order["network"])
    for number in _RESTORED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    kernel.control_process(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def execute(order: Order, extra: list[str]) -> None:
    """Become the program, or its wrapper with these further arguments. Raises `OSError`."""
    argv = [*order["wrapper"], *extra, "--", *order["argv"]] if order["wrapper"] else order["argv"]
    os.execvp(argv[0], argv)


def _set_limits(order: Order) -> None:
    _limit(resource.RLIMIT_CPU, order["cpu_s"], grace=5)  # SIGXCPU comes first, and says why
    _limit(resource.RLIMIT_DATA, order["memory"])
    _limit(resource.RLIMIT_AS, order["address_space"])
    _limit(resource.RLIMIT_FSIZE, order["file_bytes"])
    _limit(resource.RLIMIT_CORE, 0)
    user = os.getuid()
    if user != 0:  # the kernel exempts root; the watch over all descendants holds there
        _limit(resource.RLIMIT_NPROC, descendants.count_of_user(user) + order["processes"])


def _limit(which: int, most: int, grace: int = 0) -> None:
    """Set a limit, unless a lower one is there; the hard one is `grace` higher."""
    hard = resource.getrlimit(which)[1]
    if hard != resource.RLIM_INFINITY:
        most, grace = min(most, hard), min(grace, max(0, hard - most))
    resource.setrlimit(which, (most, most + grace))
