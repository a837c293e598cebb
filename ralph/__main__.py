"""`python -m ralph`: the process from its first line to its last."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """The command's entry; its exit code is the process's.

    Collections while thousands of modules load cost 0.1 s and find nothing, so they wait until all is loaded. Tearing
    down those modules costs 0.2 s and helps nobody: the database and every stream are closed by then.
    """
    gc.disable()
    from ralph.cli.main import main as run

    code = run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 1
    os._exit(code)


if __name__ == "__main__":
    main()
