"""Runs the benches and prints one table: row, figure, ratio to its baseline, target, met or not.

    python -m tests.bench [--quick] [--list] [WORD …]

With words, only rows that hold one of them, in their text or as the name of their bench. `--quick` takes fewer rounds
and smaller databases: its figures are a first look. A figure in seconds depends on the machine; a ratio does not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from tests.bench.serving import ROOT
from tests.bench.targets import ARGUMENTS, TARGETS, Figure, Target, read_figures


def chosen(words: Sequence[str]) -> list[Target]:
    """The rows that hold one of the words; all without words."""
    return [t for t in TARGETS if not words or any(w == t.bench or w.casefold() in t.what.casefold() for w in words)]


def measure(bench: str, *, quick: bool) -> dict[str, Figure]:
    """Run a bench as a process, pass its output on to stderr, and return its figures."""
    command = [sys.executable, "-u", "-m", f"tests.bench.{bench}", *ARGUMENTS[bench][quick]]
    lines = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            print(f"  {lines[-1]}", file=sys.stderr, flush=True)
    if process.returncode:
        print(f"tests.bench.{bench} ended with {process.returncode}", file=sys.stderr)
    return read_figures(lines)


def cells(target: Target, figure: Figure) -> tuple[str, ...]:
    """The row as words."""
    value = "" if figure.value is None else f"{figure.value:,.2f} {figure.unit}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}x"
    limit = f"≤ {target.ratio:g}x" if target.ratio is not None else f"≤ {target.most:g} {figure.unit}".rstrip()
    met = {True: "met", False: "NOT met", None: "not measured"}[target.is_met(figure)]
    return target.what, value, ratio, limit, met


def main() -> int:
    """Return 1 if a measured target is not met."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Run the benches and compare with targets."
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller databases")
    parser.add_argument("--list", action="store_true", help="only name the rows")
    parser.add_argument("words", nargs="*", metavar="WORD", help="rows that hold this word, or the name of a bench")
    given = parser.parse_args()
    rows = chosen(given.words)
    if not rows:
        parser.error(f"no row holds {' or '.join(given.words)}; --list names them")
    if given.list:
        for target in rows:
            print(f"{target.bench:14} {target.what}")
        return 0
    found = {bench: measure(bench, quick=given.quick) for bench in dict.fromkeys(target.bench for target in rows)}
    table: list[tuple[str, ...]] = [("row", "figure", "ratio", "target", "")]
    table += [cells(target, found[target.bench].get(target.line, Figure(None))) for target in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return int(any(target.is_met(found[target.bench].get(target.line, Figure(None))) is False for target in rows))


if __name__ == "__main__":
    sys.exit(main())
