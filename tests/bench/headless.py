"""Time and CPU of one `ralph -p` turn as a whole process: `python -m tests.bench.headless [ROUNDS]`.

An answer of 2,000 tokens, as fast as it can be sent, on each wire, and on the vendors' wires by their SDKs too, beside
a bare httpx loop as a process of its own. The price is known, so that the price table stays out; once it is not. The
targets are ratios, because a bare loop takes 0.156 s on one machine and 0.29 s on another.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.serving import ROOT, row, serving
from tests.headless.ask import BY_SDK, WIRES

ROUNDS = 9
TOKENS = 2000
TARGETS = {"anthropic": 1.9, "responses": 1.9, "chat": 1.8, "compatible": 1.8, "ollama": 1.6}
UNPRICED = "compatible, unpriced"
BARE = """\
import asyncio, httpx

async def main():
    text = []
    async with httpx.AsyncClient() as client:
        async with client.stream("POST", "{url}/v1/messages", json={{"stream": True, "messages": []}}) as response:
            async for line in response.aiter_lines():
                text.append(line)
    assert len(text) > {tokens}

asyncio.run(main())
"""


def spent(command: list[str], home: Path) -> tuple[float, float]:
    """Milliseconds until the process is gone, and of its CPU."""
    environ = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "RALPH_DATA_DIR": str(home / "data"),
        "RALPH_CONFIG": str(home / "config.yaml"),
    }
    before, began = children_cpu(), time.perf_counter()
    done = subprocess.run(command, cwd=home, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    took, after = time.perf_counter() - began, children_cpu()
    assert not done.returncode, done.stderr.decode()
    return took * 1000, (after - before) * 1000


def children_cpu() -> float:
    """Seconds, of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    usage = {"input": 20, "output": TOKENS}
    with (
        serving({"text": ["word "] * TOKENS, "times": None, "usage": usage}) as url,
        tempfile.TemporaryDirectory() as at,
    ):
        bare = "a bare httpx loop"
        commands = {bare: [sys.executable, "-c", BARE.format(url=url, tokens=TOKENS)]}
        homes = {bare: Path(at)}
        wires = {**WIRES, UNPRICED: WIRES["compatible"], **BY_SDK}
        for wire, (entry, ref) in wires.items():
            homes[wire] = Path(at) / wire
            homes[wire].mkdir()
            priced = "" if wire == UNPRICED else f'prices: {{"{ref}": {{input: 1, output: 1}}}}'
            (homes[wire] / "config.yaml").write_text(
                f"providers: {entry.format(url=url)}\nrouting: {{route: rules}}\n{priced}\n"
            )
            commands[wire] = [sys.executable, "-m", "ralph", "-p", "tell me something", "-m", ref]
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                took = spent(command, homes[name])
                if number:  # the first makes the database and fills the disk's cache
                    found[name].append(took)
        for unit, which in (("wall", 0), ("CPU", 1)):
            base = row(f"{bare}, {unit}", [v[which] for v in found[bare]], "ms")
            for wire in wires:
                limit = TARGETS.get(wire.partition(",")[0])
                target = f"target {limit}x" if limit and unit == "wall" else ""
                row(f"{wire}: ralph -p, {unit}", [v[which] for v in found[wire]], "ms", base, target)


if __name__ == "__main__":
    main()
