"""Mutated answers on every wire: `python -m tests.bench.mutations [WIRE …] [--seed N] [--least N] [--show N]`.

Every single mutation of every recording, and pairs of mutations until there are at least 20,000 a wire. Prints the
outcomes by kind of mutation, and what broke a rule (none should).
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter, defaultdict
from itertools import islice

from tests.providers.mutated import Bench
from tests.wires.mutations import mutations
from tests.wires.recordings import WIRES

PAIRS = 8_000


async def measure(wire: str, seed: int, show: int, most: int | None) -> int:
    """Run the mutations of one wire; gives how many broke a rule."""
    began, bench = time.perf_counter(), Bench(wire)
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: list[str] = []
    reasons: Counter[str] = Counter()
    for mutation in islice(mutations(wire, seed, pairs=PAIRS), most):
        made, found = await bench.judge(mutation)
        outcomes[mutation.kind][made.outcome] += 1
        if found:
            wrong.append(f"{mutation.kind} {mutation.where}: {'; '.join(found)} [{made.outcome}]")
            reasons[f"{mutation.kind}: {found[0][:60]}"] += 1
    total = sum(sum(c.values()) for c in outcomes.values())
    print(f"\n{wire}: {total:,} mutations, seed {seed}, {time.perf_counter() - began:.1f} s, {len(wrong)} broke a rule")
    for kind, counted in sorted(outcomes.items()):
        told = ", ".join(f"{outcome} {n:,}" for outcome, n in counted.most_common())
        print(f"  {kind:10} {sum(counted.values()):6,}  {told}")
    for line in wrong[:: max(1, len(wrong) // show)][:show] if show else ():
        print(f"  ! {line[:600]}")
    for reason, n in reasons.most_common(30):
        print(f"  ! {n:5,} × {reason}")
    return len(wrong)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wires", nargs="*", default=WIRES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--most", type=int, default=None)
    given = parser.parse_args()
    broke = sum(asyncio.run(measure(wire, given.seed, given.show, given.most)) for wire in given.wires)
    raise SystemExit(1 if broke else 0)


if __name__ == "__main__":
    main()
