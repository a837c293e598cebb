"""The tools that run programs: what the model and the person read, and what is refused before anything runs."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ralph import registry
from ralph.assembly.program_sandbox import ProgramSandbox
from ralph.core.llm.tool import SandboxMode, ToolCall, ToolFailure, effect_of, prepare, resource_of
from ralph.core.llm.tool_output import ToolOutput
from ralph.tools.sandbox import ladder
from ralph.tools.sandbox.transcript import Transcript
from tests.tools.sandbox.conftest import linux

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the lines are for sh")


async def use(tool: str, call: ToolCall, **arguments: Any) -> ToolOutput:
    output: ToolOutput = await registry.load("tools", tool).run(arguments, call)
    return output


def test_what_rules_are_matched_with() -> None:
    run, shell, python = (registry.load("tools", name) for name in ("run", "shell", "python"))
    assert resource_of(run, {"argv": ["git", "log", "-3"]}) == ("git", "log", "-3")
    assert resource_of(run, {"argv": '["git", "log"]'}) == ("git", "log")
    assert resource_of(shell, {"command": "git log | head"}) == "git log | head"
    name, *rest = resource_of(python, {"code": "print(1)"})
    assert name.rpartition("/")[2].startswith("python")
    assert rest == ["-c", "print(1)"]
    assert {effect_of(tool, {}) for tool in (run, shell, python)} == {"run"}


async def test_an_exit_code_is_said(call: ToolCall) -> None:
    output = await use("run", call, argv=["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert output.text.startswith("out\nerr\n[exit code 3 · ")
    assert output.failed
    fine = await use("run", call, argv=["true"])
    assert fine.text.startswith("[exit code 0 · no output · ")
    assert not fine.failed


async def test_it_reads_what_it_is_given(call: ToolCall) -> None:
    output = await use("run", call, argv=["cat"], stdin="hello")
    assert output.text.startswith("hello\n[exit code 0 ")
    assert "end of file" not in output.text


async def test_python_is_the_person_s_own(call: ToolCall) -> None:
    output = await use("python", call, code="import os\nprint(6 * 7, os.getcwd())")
    assert output.text.startswith(f"42 {call.root}\n")


async def test_a_signal_is_named(call: ToolCall) -> None:
    output = await use("shell", call, command="kill -TERM $$")
    assert output.text.startswith("[ended by SIGTERM ")
    assert output.failed


async def test_output_streams_while_the_program_runs(call: ToolCall, root: Path) -> None:
    """The program goes on only after its first line was shown."""
    shown: list[str] = []

    def show(text: str) -> None:
        shown.append(text)
        (root / "go").touch()

    given = replace(call, emit_output=show)
    output = await use("shell", given, command="echo first; while [ ! -e go ]; do sleep 0.01; done; echo second")
    assert output.text.startswith("first\nsecond\n[exit code 0 ")
    assert shown[0] == "first\n"
    assert "".join(shown) == output.text


async def test_output_is_clean(call: ToolCall) -> None:
    code = r"printf 'a\033[31mred\033[0m \377 \033]0;title\007b\342\202'; sleep 0.05; printf '\254\n'"
    output = await use("shell", call, command=code)
    assert output.text.startswith("ared � b€\n[exit")


async def test_the_model_reads_the_beginning_and_the_end(call: ToolCall) -> None:
    output = await use("shell", call, command="echo begin; seq 20000; echo 3 failed; exit 1")
    assert len(output.text) > 100_000
    assert output.brief.startswith("begin\n1\n2\n")
    assert "characters were left out here]" in output.brief
    assert "\n3 failed\n[exit code 1 " in output.brief
    assert len(output.brief) < 32_000


def test_memory_stays_bounded() -> None:
    shown: list[str] = []
    transcript = Transcript(shown.append, head=1000, tail=1000)
    block = b"0123456789" * 10
    for _ in range(10_000):
        transcript.feed(block)
    text = transcript.end()
    assert transcript.bytes == 1_000_000
    assert transcript.left_out == 1_000_000 - 2000
    assert f"[{transcript.left_out:,} bytes were left out here]" in text
    assert len(text) < 2200
    assert sum(map(len, shown)) < 2200


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("run", {"argv": ["no-such-program-x"]}, "there is no program 'no-such-program-x' on the PATH"),
        ("run", {"argv": ["./missing.sh"]}, "there is no program './missing.sh', or it is not executable"),
        ("run", {"argv": ["vim", "notes.txt"]}, "vim needs a terminal, and a program that ralph runs has none"),
        ("run", {"argv": []}, "'argv' must begin with the name of a program"),
        ("run", {"argv": [""]}, "'argv' must begin with the name of a program"),
        ("run", {"argv": "ls -l"}, "'argv' must be a list of texts"),
        ("run", {"argv": ["ls", 3]}, "'argv' must be a list of texts, without a NUL"),
        (
            "run",
            {"argv": ["ls"], "cwd": ".."},
            "'..' lies outside the working directory; a program runs",
        ),
        ("run", {"argv": ["ls"], "cwd": "out"}, "'out' lies outside the working directory"),
        ("run", {"argv": ["ls"], "cwd": "/"}, "'/' lies outside the working directory"),
        ("run", {"argv": ["ls"], "cwd": "nowhere"}, "there is no folder 'nowhere' here"),
        ("run", {"argv": ["ls"], "timeout_s": 601}, "'timeout_s' must be from 1 to 600"),
        ("run", {"argv": ["ls", "x" * 100_001]}, "an argument has at most 100000 bytes"),
        ("shell", {}, "shell needs the argument 'command'"),
        ("python", {"code": "x" * 90_001}, "'code' must be a text of at most 90000 characters"),
    ],
)
async def test_what_cannot_run_is_a_sentence(
    call: ToolCall, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    """It is said before a person is asked, and again if it is run."""
    with pytest.raises(ToolFailure) as asked:
        await asyncio.to_thread(prepare, registry.load("tools", tool), arguments, call.around)
    assert str(asked.value).startswith(sentence)
    with pytest.raises(ToolFailure):
        await use(tool, call, **arguments)


def test_a_person_sees_the_program_and_its_sandbox(call: ToolCall, root: Path) -> None:
    (root / "src").mkdir()
    seen = prepare(registry.load("tools", "run"), {"argv": ["ls", "a b"], "cwd": "src", "timeout_s": 5}, call.around)
    first, place, box = seen.preview.splitlines()
    assert (first, place) == ("$ ls 'a b'", "in src")
    assert box.endswith(" · at most 5 s")
    assert "sandbox" in box


async def test_without_a_sandbox_it_says_so(call: ToolCall) -> None:
    """Switched off: the output may come from anywhere."""
    around = replace(call.around, sandbox="off")
    output = await use("shell", replace(call, around=around), command="echo hello")
    assert output.text.startswith("hello\n[exit code 0 · no sandbox · ")
    assert (output.sandbox, output.origin) == ("none", "outside")
    seen = prepare(registry.load("tools", "shell"), {"command": "ls"}, around)
    assert "no sandbox: tools.sandbox is off" in seen.preview


@linux
async def test_without_a_sandbox_it_leaves_nothing_behind(call: ToolCall, root: Path) -> None:
    around = replace(call.around, sandbox="off")
    await use("shell", replace(call, around=around), command="(setsid sh -c 'while :; do echo >> alive; done' &)")
    size = (root / "alive").stat().st_size if (root / "alive").exists() else 0
    await asyncio.sleep(0.1)
    assert ((root / "alive").stat().st_size if (root / "alive").exists() else 0) == size


async def test_required_and_not_there(call: ToolCall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "_find_strongest", lambda: "none")
    monkeypatch.setattr(ladder, "_prove", lambda rung: ladder.Proof(rung, False, "forbidden here"))
    with pytest.raises(ToolFailure, match=r"is 'require', and no sandbox works here .*install bubblewrap"):
        await use("shell", replace(call, around=replace(call.around, sandbox="require")), command="echo hello > made")
    assert not (call.root / "made").exists()


@pytest.mark.parametrize(("mode", "fine"), [("auto", True), ("require", False), ("off", True)])
def test_doctor_on_a_machine_without_a_sandbox(
    root: Path, monkeypatch: pytest.MonkeyPatch, mode: SandboxMode, fine: bool
) -> None:
    monkeypatch.setattr(ladder, "_find_strongest", lambda: "none")
    monkeypatch.setattr(ladder, "_prove", lambda rung: ladder.Proof(rung, False, "forbidden here"))
    first, *rungs = ProgramSandbox(mode, root).check()
    assert first.ok == fine
    assert first.detail.startswith("no sandbox holds programs: ")
    assert ("install bubblewrap" in first.detail) == (mode != "off")
    assert [(c.name, c.ok, c.detail) for c in rungs] == [
        (f"sandbox {rung}", True, "not available: forbidden here") for rung in ladder.LADDER
    ]


@linux
def test_a_rung_that_leaks_does_not_count(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without a sandbox succeeds with all that is tried, so that the probe can be believed."""
    from ralph.tools.sandbox import probe

    make_order = probe.make_order
    monkeypatch.setattr(probe, "make_order", lambda _, *rest, **more: make_order("none", *rest, **more))
    proof = probe.prove("landlock")
    assert set(proof.leaves_open) == set(probe.ATTEMPTS), proof
    assert not proof.holds
    assert proof.why_not == "it does not stop write, read, tcp, environment"


def test_the_home_directory_as_the_working_directory_has_no_sandbox(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(root / "below"))
    assert ladder.find_rung("auto", root) == "none"
    assert "contains your home directory" in ladder.explain_none("auto", root)


@linux
async def test_ten_gigabytes_of_output_keep_ralph_small(call: ToolCall) -> None:
    """As many as come in two seconds; what is kept does not grow with them."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    output = await use("shell", call, command="yes 0123456789012345678901234567890", timeout_s=2)
    assert output.timed_out
    assert time.monotonic() - began < 30
    assert len(output.text) <= 9 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 << 10
