"""`python -m ralph`: the process from its first line to its last."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """The command's entry; its exit code is the process's.

    Signals are answered from the first line on. Collections while thousands of modules load cost 0.1 s and find
    nothing, so they wait until all is loaded. Tearing down those modules costs 0.2 s and helps nobody: the database and
    every stream are closed by then.
    """
    from ralph.headless.signals import Signals

    signals = Signals()
    signals.arm()
    gc.disable()
    from ralph.cli.main import process

    os._exit(process(sys.argv[1:], signals))


if __name__ == "__main__":
    main()
