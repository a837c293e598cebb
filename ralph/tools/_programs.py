"""What the tools that run a program share: where it runs, whether it is there, and what the model reads of its end."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ralph.core.llm.tool import Surroundings, ToolCall, ToolFailure
from ralph.core.llm.tool_output import Prepared, Rung, ToolOutput
from ralph.tools._paths import real
from ralph.tools._program_arguments import DEFAULT_S
from ralph.tools._terminal_programs import explain_missing_terminal
from ralph.tools.sandbox.ladder import can_be_without_network, explain_none, find_rung
from ralph.tools.sandbox.program import ProgramEnd, ProgramPlan, run_program
from ralph.tools.sandbox.visible import find_programs

# Characters of the beginning and of the end that a model reads. Errors and sums of programs are at the end.
_HEAD, _TAIL = 8_000, 22_000
_LONGEST_ARGUMENT = 100_000  # bytes; the kernel takes 128 KiB
_BY_LIMIT = {
    "SIGXFSZ": "it wrote a file that is larger than the limit",
    "SIGXCPU": "it used more CPU time than the limit",
}


def plan(argv: tuple[str, ...], given: Mapping[str, Any], around: Surroundings) -> ProgramPlan:
    """Return the program of a call. Raises `ToolFailure` if it cannot run."""
    if not argv or not argv[0].strip():
        raise ToolFailure("'argv' must begin with the name of a program")
    if any(len(os.fsencode(part)) > _LONGEST_ARGUMENT for part in argv):
        raise ToolFailure(f"an argument has at most {_LONGEST_ARGUMENT} bytes; write a file and pass its path")
    if why := explain_missing_terminal(argv):
        raise ToolFailure(why)
    root = real(around.root)
    cwd = _find_folder(root, given.get("cwd", "."))
    _check_program(argv[0], cwd)
    return ProgramPlan(argv, cwd, float(given.get("timeout_s", DEFAULT_S)), given.get("stdin"))


def show(program: ProgramPlan, around: Surroundings) -> Prepared:
    """Return what a person sees before a yes. It probes the sandbox; for a thread."""
    root = around.root.resolve()
    place = "" if program.cwd == root else f"\nin {program.cwd.relative_to(root).as_posix()}"
    why = explain_none(around.sandbox, around.root)
    box = f"no sandbox: {why}" if why else f"sandbox {find_rung(around.sandbox, around.root)}"
    return Prepared(f"$ {shlex.join(program.argv)}{place}\n{box} · at most {program.timeout_s:g} s")


async def run(program: ProgramPlan, call: ToolCall) -> ToolOutput:
    """Run the program and return what the model and the person read of it. Raises `ToolFailure`."""
    end = await run_program(program, call)
    note = f"[{' · '.join(_describe(end, program, call))}]"
    text = end.text if not end.text or end.text.endswith("\n") else f"{end.text}\n"
    call.emit_output(("" if text == end.text else "\n") + note)
    reaches_nobody = can_be_without_network(end.rung) and not call.network
    return ToolOutput(
        f"{text}{note}",
        origin="project" if reaches_nobody else "outside",
        sandbox=end.rung,
        failed=end.report.get("exit") != 0,
        timed_out=end.timed_out,
        brief=_shorten(text, note),
    )


def find_interpreter() -> str | None:
    """Return the person's own Python by its bare name; None if there is none."""
    return next((name for name in ("python3", "python") if shutil.which(name, path=_path())), None)


def _find_folder(root: Path, cwd: str) -> Path:
    try:
        folder = (root / cwd).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        raise ToolFailure(f"there is no folder '{cwd[:80]}' here") from None
    if not folder.is_relative_to(root):
        raise ToolFailure(f"'{cwd[:80]}' lies outside the working directory; a program runs in it or below it")
    if not folder.is_dir():
        raise ToolFailure(f"'{cwd[:80]}' is not a folder")
    return folder


def _check_program(name: str, cwd: Path) -> None:
    own = "/" in name or os.sep in name
    if shutil.which(str(cwd / name) if own else name, path=None if own else _path()) is None:
        where = ", or it is not executable" if own else " on the PATH"
        raise ToolFailure(f"there is no program '{name[:80]}'{where}")


def _path() -> str:
    return os.pathsep.join(find_programs()) or os.defpath


def _describe(end: ProgramEnd, program: ProgramPlan, call: ToolCall) -> list[str]:
    said = [_describe_end(end, program)]
    if not end.text:
        said.append("no output")
    if end.left_out:
        said.append(f"{end.left_out:,} bytes of the output were left out")
    said.append(_describe_box(end.rung, call))
    if program.stdin is None:
        said.append("without input and terminal: a read gets end of file")
    return said


def _describe_end(end: ProgramEnd, program: ProgramPlan) -> str:
    report = end.report
    if end.timed_out:
        return f"stopped after {program.timeout_s:g} s"
    if "exit" in report:
        return f"exit code {report['exit']}"
    if "signal" in report:
        name = _name_signal(report["signal"])
        why = f": {_BY_LIMIT[name]}" if name in _BY_LIMIT else ""
        return f"ended by {name}{why}"
    if "failed" in report:
        return f"not started: {report['failed']}"
    return f"stopped: {report.get('stopped', 'it was stopped')}"


def _describe_box(rung: Rung, call: ToolCall) -> str:
    if rung == "none":
        return "no sandbox"
    return f"sandbox {rung}, {'with network' if call.network else 'no network'}"


def _name_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _shorten(text: str, note: str) -> str:
    """Return the beginning, the end and the note for the model; empty if the whole is short enough."""
    left_out = len(text) - _HEAD - _TAIL
    if left_out <= 0:
        return ""
    return f"{text[:_HEAD]}\n[{left_out} characters were left out here]\n{text[-_TAIL:]}{note}"
