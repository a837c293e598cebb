"""`python -m ralph`."""

from __future__ import annotations

import sys


def main() -> None:
    """The command's entry: its exit code is the process's."""
    from ralph.cli.main import main as run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
