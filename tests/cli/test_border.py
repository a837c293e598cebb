"""The border of the process: each descriptor, variable and path that ralph reads, absent, closed, wrong and hostile.

One row is one process. What always holds: an exit code of our own, no traceback, no end by an unhandled signal, and an
answer in time. Rows run side by side in one test, since each waits for Python more than for anything else.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.process import command, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a table for POSIX shells")

ASK = "ralph -p 2+2"
YES = "2 + 2 is 4."
# name: (shell line, exit codes, what stands on stdout or stderr, more variables; None removes one)
Row = tuple[str, tuple[int, ...], str, dict[str, str | None]]


def row(line: str, code: int | tuple[int, ...] = 0, said: str = YES, **env: str | None) -> Row:
    return line, code if isinstance(code, tuple) else (code,), said, env


STDIN = {
    "closed": row(f"{ASK} <&-"),
    "null": row(f"{ASK} </dev/null"),
    "a folder": row(f"{ASK} <.", 1, ""),  # Python itself refuses to start
    "never ends": row(f"{ASK} </dev/zero", 2, "more than 32 MiB"),
    "write only": row(f"{ASK} 0>out.txt", 1, "standard input cannot be read"),
    "open and silent, with a deadline": row(f"sleep 7 | {ASK} --timeout 4", 124, "waiting for standard input"),
    "open and silent, as JSON": row(f"sleep 4 | {ASK} --timeout 1 --output json", 124, '"kind":"deadline"'),
    "text and then silent": row(f"(echo x; sleep 8) | {ASK} --timeout 5", 124, "2 bytes arrived"),
    "UTF-8 with a mark": row(r"printf '\xef\xbb\xbf2+2' | ralph -p"),
    "UTF-16 with a mark": row(r"printf '\xff\xfe2\0+\0002\0' | ralph -p"),
    "UTF-16, the other way round": row(r"printf '\xfe\xff\0002\0+\0002' | ralph -p"),
    "UTF-16 without a mark": row(r"printf '2\0 \0+\0 \0002\0' | ralph -p", 0, "UTF-16-LE"),
    "Latin-1": row(r"printf 'convert 10 km to miles \xe9' | ralph -p", (0, 3), "Windows-1252"),
    "UTF-8 with mistakes": row(r"printf '\xc3\xa9 \xff' | ralph -p", (0, 3), "one place that is not UTF-8"),
    "binary": row(r"printf '\x89PNG\0\0\0\1' | ralph -p what", 2, "is binary"),
    "lines of Windows": row(r"printf '2+2\r\n' | ralph -p"),
    "blanks": row(r"printf ' \n\t' | ralph -p", 2, "no question"),
    "a socket": row(
        f"""{shlex.quote(sys.executable)} -c 'import socket, subprocess
a, b = socket.socketpair(); b.close()
raise SystemExit(subprocess.run(["ralph", "-p", "2+2"], stdin=a).returncode)'""", (0, 1), ""
    ),
}  # fmt: skip
OUTPUT = {
    "stdout closed": row(f"{ASK} >&-", 1, "standard output is closed"),
    "stdout closed, version": row("ralph --version >&-", 1, "standard output is closed"),
    "stdout full": row(f"{ASK} >/dev/full", 1, "No space left"),
    "stdout full, as JSON": row(f"{ASK} --output json >/dev/full", 1, "No space left"),
    "stdout full, events": row(f"{ASK} --output jsonl >/dev/full", 1, "No space left"),
    "stdout full, help": row("ralph --help >/dev/full", 1, "No space left"),
    "stdout full, a list": row("ralph providers >/dev/full", 1, "No space left"),
    "stdout read only": row(f"{ASK} 1</dev/null", 1, "could not be written"),
    "stderr closed": row(f"{ASK} 2>&-"),
    "stderr full": row(f"{ASK} 2>/dev/full"),
    "stderr full, a refusal": row("ralph -p 2>/dev/full", 2, ""),
    "all closed": row(f"{ASK} <&- >&- 2>&-", 1, ""),
    "a reader that leaves": row("ralph --help | true; exit ${PIPESTATUS[0]}", (0, 141), ""),
    "a reader that leaves a list": row("ralph providers --json | true; exit ${PIPESTATUS[0]}", (0, 141), ""),
    "one stream for both": row(f"{ASK} 2>&1 | tr '\\n' '|'", 0, "is 4.|─"),
}
LOCALE = {
    "C": row(ASK, LANG="C", LC_ALL="C"),
    "C, and no UTF-8 by force": row(ASK, LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0"),
    "one that is not there": row(ASK, LC_ALL="xx_YY.KOI8-R"),
    "ASCII": row("ralph -p 'convert 3 m² to ft²'", (0, 3), "", PYTHONIOENCODING="ascii"),
    "ASCII, the question back as JSON": row(
        "ralph -p 'é 日本' --output jsonl | grep -c 'u00e9 .u65e5'", (0, 1), "", PYTHONIOENCODING="ascii"
    ),
    "Latin-1": row("ralph providers", 0, "anthropic", PYTHONIOENCODING="latin-1"),
    "an encoding that is none": row(ASK, 1, "", PYTHONIOENCODING="nosuch"),
    "no TERM": row(ASK, TERM=None),
    "an odd TERM": row(ASK, TERM="no\nsuch\x1b[31m"),
    "an odd TZ": row(ASK, TZ="No/Where"),
    "warnings are errors": row(ASK, PYTHONWARNINGS="error"),
    "an odd warning": row(ASK, 0, YES, PYTHONWARNINGS="nosuch::thing"),
    "optimised": row(ASK, PYTHONOPTIMIZE="2"),
    "development": row(ASK, PYTHONDEVMODE="1"),
    "no temporary folder": row(ASK, TMPDIR="/nosuch"),
}
WORDS = {
    "a question": row("ralph -p $'2+2 \\xff'", (0, 3), "Windows-1252"),
    "a question as JSON": row("ralph -p $'hello \\xff' --output json", 3, '"error"'),
    "an id": row("ralph show $'\\xff'", 10, "there is no timeline"),
    "a search": row("ralph timelines --search $'\\xff'", 0, "no"),
    "a configuration": row("ralph -p 2+2 --config $'\\xff.yaml'", 3, "could not be read"),
    "a model": row("ralph -p hello -m $'mine:\\xff'", 3, ""),
    "a system prompt": row("ralph -p 2+2 --system $'\\xff'", 0, YES),
    "a number": row("ralph -p 2+2 --timeout $'\\xff'", 2, "--timeout"),
    "a flag": row("ralph $'--\\xff'", 2, "unrecognized"),
    "a command": row("ralph -p $'/\\xff'", (0, 2, 3, 10), ""),
    "a backup": row("ralph db backup $'\\xff.db'", 0, "wrote"),
    "a file of the folder": row("touch $'caf\\xe9.txt'; ralph -p 'list the files here'", 0, "caf�.txt"),
    "a variable": row("RALPH_LLM_MODEL=$'x:\\xff' ralph -p hello", 3, ""),
    "a home": row("mkdir $'h\\xff'; HOME=$PWD/$'h\\xff' ralph db path", 0, "ralph.db"),
    "a very long one": row("ralph -p \"$(printf '%0100000d' 1)\"", (0, 3), ""),
}
PLACES = {
    "the folder is gone": row(f"mkdir d; cd d; rmdir ../d; {ASK}", 1, "working directory was removed"),
    "the folder is gone, version": row("mkdir d; cd d; rmdir ../d; ralph --version", 0, "ralph "),
    "the folder is gone, a list": row("mkdir d; cd d; rmdir ../d; ralph timelines", (0, 1), ""),
    "no HOME": row(ASK, HOME=None, RALPH_DATA_DIR="data"),
    "an empty HOME": row("ralph config path", 0, "/.config/ralph/config.yaml", HOME=""),
    "a relative HOME": row("ralph db path; test ! -e here", 0, "/.local/share/ralph/ralph.db", HOME="here"),
    "a HOME that is not there": row("ralph db path", 0, "/nosuch/home", HOME="/nosuch/home"),
    "a HOME that cannot be made": row(ASK, 1, "set RALPH_DATA_DIR", HOME="/proc/nosuch"),
    "a HOME that is a file": row(f"touch file; HOME=$PWD/file {ASK}", 1, "set RALPH_DATA_DIR"),
    "relative XDG places": row("ralph db path", 0, "/.local/share/ralph/ralph.db", XDG_DATA_HOME="some/where"),
    "empty XDG places": row(ASK, XDG_DATA_HOME="", XDG_CONFIG_HOME="", XDG_STATE_HOME=""),
    "XDG places that cannot be made": row(ASK, 1, "set RALPH_DATA_DIR", XDG_DATA_HOME="/proc/nosuch"),
    "a log that cannot be made": row(ASK, XDG_STATE_HOME="/proc/nosuch"),
    "an empty data folder": row(ASK, RALPH_DATA_DIR=""),
    "a relative data folder": row(f"{ASK} && test -e data/ralph.db", RALPH_DATA_DIR="data"),
    "a data folder that is a file": row(f"touch data; {ASK}", 1, "ralph.db", RALPH_DATA_DIR="data"),
    "a data folder that leads nowhere": row(f"ln -s /proc/nosuch data; {ASK}", 1, "ralph.db", RALPH_DATA_DIR="data"),
    "a data folder of nobody": row("ralph db path", 0, "~nobody-such", RALPH_DATA_DIR="~nobody-such/x"),
    "an empty configuration's name": row(ASK, RALPH_CONFIG=""),
    "a configuration that is not there": row(ASK, 3, "No such file", RALPH_CONFIG="nosuch.yaml"),
    "a configuration that is a folder": row(ASK, 3, "could not be read", RALPH_CONFIG="."),
    "a configuration that leads nowhere": row(f"ln -s nosuch c; {ASK} --config c", 3, "could not be read"),
    "a configuration with a mark": row(f"printf '\\xef\\xbb\\xbfui: {{theme: sacred}}' >c; {ASK} --config c"),
    "a configuration that is no text": row(f"printf '\\0\\1' >c; {ASK} --config c", 3, "c"),
    "a configuration from a pipe": row(f"{ASK} --config <(echo 'ui: {{theme: sacred}}')"),
    "a configuration that never comes": row(f"mkfifo c; {ASK} --config c", 3, "nothing came from it"),
    "a configuration that never ends": row(f"{ASK} --config /dev/zero", 3, "may not be larger"),
    "few descriptors": row(f"ulimit -n 40; {ASK}"),
    "very few descriptors": row(f"ulimit -n 8; {ASK}", (0, 1, 3), ""),
    "a budget that is none": row(ASK, 3, "RALPH_LLM_BUDGET", RALPH_LLM_BUDGET="much"),
    "a screen without a terminal": row("setsid ralph </dev/null", 2, "no question"),
}
TABLE = {f"{name}: {key}": one for name, rows in (
    ("stdin", STDIN), ("output", OUTPUT), ("locale", LOCALE), ("no UTF-8", WORDS), ("places", PLACES)
) for key, one in rows.items()}  # fmt: skip


def wrong(name: str, home: Path) -> str:
    """What is wrong with this row; empty if nothing is."""
    line, codes, said, more = TABLE[name]
    home.mkdir()
    own = environment(home, {"LANG": "C.UTF-8", "TERM": "xterm"})
    env = {k: v for k, v in {**own, **more}.items() if v is not None}
    function = f'ralph() {{ {shlex.join(command())} "$@"; }}; export -f ralph; '
    if "setsid" in line or "subprocess" in line:
        script = home / "ralph"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command())} "$@"\n')
        script.chmod(0o755)
        function, env["PATH"] = "", f"{home}:{env['PATH']}"
    run = subprocess.Popen(
        ["bash", "-c", function + line], cwd=home, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        out, err = run.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, 9)
        run.communicate()
        return f"{name}: it hangs"
    both = (out + err).decode("utf-8", "replace")
    if run.returncode not in codes or said not in both or "Traceback" in both:
        return f"{name}: exit {run.returncode}, not {codes}; sought {said!r} in:\n{both[-600:]}"
    return ""


@pytest.mark.parametrize("part", range(4))
def test_the_border_of_the_process(part: int, tmp_path: Path) -> None:
    """In four parts, so that they can be spread over cores."""
    names = list(TABLE)[part::4]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda n: wrong(names[n], tmp_path / str(n)), range(len(names))))
    assert not any(found), "\n\n".join(filter(None, found))


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(TABLE) >= 60


def test_a_deadline_before_there_is_a_turn_is_one_whole_object(tmp_path: Path) -> None:
    run = subprocess.Popen(
        command("-p", "x", "--timeout", "1", "--output", "json"), cwd=tmp_path, env=environment(tmp_path),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout is not None
    made = json.loads(run.stdout.read())
    assert run.wait() == 124
    assert (made["error"]["kind"], made["timeline"]) == ("deadline", None)
    run.communicate()
