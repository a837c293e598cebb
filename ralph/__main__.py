"""`python -m ralph`: the process from its first line to its last."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command; its exit code becomes that of the process.

    Signals are handled from the first line on. Garbage collections while thousands of modules load cost 0.1 s and find
    nothing, so they wait until everything is loaded. Unloading the modules costs 0.2 s and is skipped: by then the
    database and every stream are closed.
    """
    from ralph.headless.signals import Signals

    signals = Signals()
    signals.arm()
    gc.disable()
    from ralph.cli.main import process

    os._exit(process(sys.argv[1:], signals))


if __name__ == "__main__":
    main()
