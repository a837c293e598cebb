"""No time: so many starts whose first act needs every client at once: `python -m tests.bench.first_use [200]`.

Half of them open the model picker, half compare four models; SDKs and own wires are all on a loopback server. Nothing
may crash, no row may ask for ever, no answer may be lost.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.serving import serving
from tests.cli.first_use import first_use

STARTS = 200


def main() -> int:
    starts, bad = int(sys.argv[1]) if len(sys.argv) > 1 else STARTS, 0
    reply = {"text": ["fine"], "times": None, "usage": {"input": 20, "output": 1}}
    with serving(reply) as url:
        for number in range(starts):
            act = ("picker", "compare")[number % 2]
            with tempfile.TemporaryDirectory() as home:
                try:
                    wrong = first_use(Path(home), url, act)
                except AssertionError as error:
                    wrong = [str(error)]
            if wrong:
                bad += 1
                print(f"{number} {act}: {wrong}", flush=True)
    print(f"{starts} starts, {bad} went wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
