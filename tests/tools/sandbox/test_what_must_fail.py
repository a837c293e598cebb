"""What a program must not be able to do, on each rung that this machine has."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ralph import registry
from ralph.core.llm.tool import ToolCall
from ralph.core.llm.tool_output import Rung
from ralph.tools.sandbox.limits import GIB, Limits
from ralph.tools.sandbox.visible import find_programs
from tests.tools.sandbox.conftest import Shell, linux

pytestmark = [linux, pytest.mark.no_cover]


def python(code: str) -> str:
    """A shell line that runs the code by ralph's own interpreter."""
    return f"{shlex.quote(os.path.realpath(sys.executable))} -S -E -I -c {shlex.quote(code)}"


async def wait_until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - a file tells nobody that it is there
            await asyncio.sleep(0.01)


async def test_it_writes_below_the_working_directory(shell: Shell, root: Path, rung: Rung) -> None:
    output = await shell("mkdir d && echo hello > d/made.txt && cat d/made.txt && echo x > $TMPDIR/t && ls $TMPDIR")
    assert output.text.startswith("hello\nt\n[exit code 0 ")
    assert (output.sandbox, output.failed) == (rung, False)
    assert (root / "d" / "made.txt").read_text(encoding="utf-8") == "hello\n"


@pytest.mark.usefixtures("rung")
@pytest.mark.parametrize(
    "path", ["../outside/new.txt", "../new.txt", "out/new.txt", "/tmp/ralph-test", "/etc/ralph-test"]
)
async def test_it_writes_nothing_outside(shell: Shell, root: Path, path: str) -> None:
    output = await shell(f"echo x > {path}")
    assert output.failed
    assert not (root / path).exists()


@pytest.mark.usefixtures("rung")
@pytest.mark.parametrize("path", ["../outside/secret.txt", "out/secret.txt", "~/.ssh/id_test", "/etc/shadow"])
async def test_it_reads_nothing_foreign(shell: Shell, root: Path, path: str, home: Path) -> None:
    path = path.replace("~", str(home))
    assert (root / path).exists()
    output = await shell(f"cat {path}")
    assert output.failed
    assert "hunter2" not in output.text
    assert ":" not in output.text.partition("[exit")[0].replace("cat: ", "").replace(f"{path}: ", "")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_test").write_text("hunter2\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(home))
    return home


@contextlib.contextmanager
def listen(family: int, kind: int, address: object) -> Iterator[socket.socket]:
    with socket.socket(family, kind) as made:
        made.bind(address)  # type: ignore[arg-type]
        made.setblocking(False)
        if kind == socket.SOCK_STREAM:
            made.listen()
        yield made


def arrived(server: socket.socket) -> bool:
    """Whether somebody connected, or sent a datagram."""
    try:
        if server.type == socket.SOCK_DGRAM:
            return bool(server.recv(1))
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


SEND = """
import socket
with socket.socket({family}, {kind}) as made:
    made.settimeout(2)
    made.connect({address!r})
    made.send(b'x')
"""


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        (socket.AF_INET, socket.SOCK_STREAM),
        (socket.AF_INET, socket.SOCK_DGRAM),
        (socket.AF_INET6, socket.SOCK_STREAM),
    ],
)
async def test_it_reaches_no_port(shell: Shell, rung: Rung, family: int, kind: int) -> None:
    address = ("127.0.0.1" if family == socket.AF_INET else "::1", 0)
    with listen(family, kind, address) as server:
        here = server.getsockname()[:2]
        send = python(SEND.format(family=int(family), kind=int(kind), address=here))
        await shell(send)
        assert not arrived(server)
        allowed = await shell(send, network=True)
        assert not allowed.failed, allowed.text
        assert allowed.origin == "outside"
        assert arrived(server)
    assert rung


@pytest.mark.usefixtures("rung")
@pytest.mark.parametrize("network", [False, True])
async def test_it_reaches_no_unix_socket(shell: Shell, root: Path, network: bool) -> None:
    """One such as that of Docker or of an ssh agent, also where a rule allows the network."""
    path = str(root.parent / "outside" / "docker.sock")
    with listen(socket.AF_UNIX, socket.SOCK_STREAM, path) as server:
        output = await shell(python(SEND.format(family=1, kind=1, address=path)), network=network)
        assert output.failed
        assert not arrived(server)


@pytest.mark.usefixtures("rung")
async def test_it_reaches_no_abstract_socket(shell: Shell, root: Path) -> None:
    name = f"\0ralph-test-{root.parent.name}-{os.getpid()}"
    with listen(socket.AF_UNIX, socket.SOCK_STREAM, name) as server:
        output = await shell(python(SEND.format(family=1, kind=1, address=name)))
        assert output.failed
        assert not arrived(server)


@pytest.mark.usefixtures("rung")
async def test_it_cannot_touch_ralph(shell: Shell) -> None:
    """No signal, no look at its environment or memory."""
    me = os.getpid()
    code = f"""
import ctypes, os
for name, attempt in {{
    'kill': lambda: os.kill({me}, 0),
    'environ': lambda: open('/proc/{me}/environ', 'rb').read(1),
    'memory': lambda: open('/proc/{me}/mem', 'r+b'),
    'parent': lambda: open(f'/proc/{{os.getppid()}}/environ', 'rb').read(1) and None if os.getppid() else 1 / 0,
    'ptrace': lambda: ctypes.CDLL(None).ptrace(16, {me}, 0, 0) == 0 or 1 / 0,
}}.items():
    try:
        attempt()
    except (OSError, ZeroDivisionError):
        continue
    if name != 'parent':
        print(name)
"""
    output = await shell(python(code))
    assert output.text.startswith("[exit code 0 "), output.text


async def test_it_has_no_key_in_its_environment(shell: Shell, rung: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "MY_TOKEN"):
        monkeypatch.setenv(name, "hunter2")
    output = await shell("env; cat /proc/self/environ /proc/$PPID/environ | tr '\\0' '\\n'")
    assert "hunter2" not in output.text
    assert "PATH=" in output.text
    assert rung


@pytest.mark.usefixtures("rung")
async def test_many_processes_end_it(shell: Shell, limits: Callable[[Limits], None]) -> None:
    """A fork bomb that has an end, so that this test cannot fill the machine: 300 processes where 60 are allowed."""
    limits(Limits(processes=60))
    code = """
import os, time
made = 0
for _ in range(300):
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
    except BlockingIOError:
        break
    time.sleep(0.002)
print(made)
time.sleep(1)
raise SystemExit(made >= 300)
"""
    output = await shell(python(code), timeout_s=50)
    stopped = "stopped: it had more than 60 processes" in output.text
    assert stopped or (not output.failed and int(output.text.split()[0]) <= 60), output.text


@pytest.mark.usefixtures("rung")
async def test_a_large_file_ends_it(shell: Shell, root: Path, limits: Callable[[Limits], None]) -> None:
    limits(Limits(file_bytes=1 << 20))
    output = await shell("head -c 10000000 /dev/zero > big; echo $?")
    assert (root / "big").stat().st_size <= 1 << 20
    assert not output.text.startswith("0\n")


@pytest.mark.usefixtures("rung")
async def test_much_cpu_ends_it(shell: Shell, limits: Callable[[Limits], None]) -> None:
    limits(Limits(cpu_s=1))
    output = await shell("exec " + python("while True: pass"), timeout_s=60)
    assert "ended by SIGXCPU: it used more CPU time than the limit" in output.text


@pytest.mark.usefixtures("rung")
async def test_much_memory_ends_it(shell: Shell, limits: Callable[[Limits], None]) -> None:
    limits(Limits(memory=GIB // 4))
    output = await shell(python(f"bytearray({GIB})"))
    assert output.failed
    assert "MemoryError" in output.text


@pytest.mark.usefixtures("rung")
async def test_a_daemon_dies_with_the_call(shell: Shell, root: Path) -> None:
    """One that forks twice and leaves its session, as daemons do."""
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            open('alive', 'a').write('x')\n"
        "            time.sleep(0.01)\n"
        "    os._exit(0)\n"
        "while not os.path.exists('alive'): time.sleep(0.01)\n"
    )
    output = await shell(python(code))
    assert not output.failed, output.text
    size = (root / "alive").stat().st_size
    await asyncio.sleep(0.1)
    assert (root / "alive").stat().st_size == size


@pytest.mark.usefixtures("rung")
async def test_a_timeout_ends_it_with_its_children(shell: Shell, root: Path) -> None:
    output = await shell("echo begun; (while :; do echo x >> alive; sleep 0.01; done) & sleep 100", timeout_s=1)
    assert output.timed_out
    assert output.text.startswith("begun\n[stopped after 1 s ")
    size = (root / "alive").stat().st_size
    await asyncio.sleep(0.1)
    assert (root / "alive").stat().st_size == size


@pytest.mark.usefixtures("rung")
async def test_a_cancel_ends_it_with_its_children(shell: Shell, root: Path) -> None:
    running = asyncio.create_task(shell("(while :; do echo x >> alive; sleep 0.01; done) & sleep 100"))
    await wait_until((root / "alive").exists)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    size = (root / "alive").stat().st_size
    await asyncio.sleep(0.1)
    assert (root / "alive").stat().st_size == size


@pytest.mark.usefixtures("rung")
async def test_its_temporary_files_are_gone(shell: Shell) -> None:
    output = await shell("mkdir $TMPDIR/closed; touch $TMPDIR/closed/f; chmod 0 $TMPDIR/closed; echo $TMPDIR")
    folder = output.text.splitlines()[0]
    assert folder.startswith("/")
    assert not os.path.exists(folder)  # noqa: ASYNC240 - once


@pytest.mark.usefixtures("rung")
async def test_it_has_no_terminal_and_no_input(shell: Shell) -> None:
    output = await shell("read line; echo $?; : < /dev/tty")
    assert output.text.startswith("1\n")
    assert "/dev/tty" in output.text
    assert "a read gets end of file" in output.text


async def test_what_runs_later_is_protected(shell: Shell, root: Path, rung: Rung) -> None:
    if rung == "landlock":
        pytest.skip("landlock: it cannot take a part of an allowed folder out again, and there are no mounts")
    (root / ".git" / "hooks").mkdir(parents=True)
    (root / ".git" / "config").write_text("[core]\n", encoding="utf-8")
    await shell(
        "echo evil > .git/hooks/pre-commit; echo evil >> .git/config; rm -rf .git/hooks; mv .git/config .git/c;"
        " mv .git gone; mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit; touch .git/index"
    )
    assert (root / ".git" / "config").read_text(encoding="utf-8") == "[core]\n"
    assert list((root / ".git" / "hooks").iterdir()) == []
    assert rung


async def test_a_repository_without_hooks_gets_none(shell: Shell, root: Path, rung: Rung) -> None:
    if rung == "landlock":
        pytest.skip("landlock: it cannot take a part of an allowed folder out again, and there are no mounts")
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    output = await shell("mkdir -p .git/hooks; echo evil > .git/hooks/pre-commit")
    assert output.failed
    assert not (root / ".git" / "hooks" / "pre-commit").exists()


async def test_the_configuration_of_ralph_is_protected(call: ToolCall, root: Path, rung: Rung) -> None:
    if rung == "landlock":
        pytest.skip("landlock: it cannot take a part of an allowed folder out again, and there are no mounts")
    config = root / "conf" / "config.yaml"
    config.parent.mkdir()
    config.write_text("tools: {}\n", encoding="utf-8")
    given = replace(call, around=replace(call.around, protected=(config, root.parent)))
    line = "echo evil >> conf/config.yaml; mv conf away; rm -f conf/config.yaml; echo fine > other"
    await registry.load("tools", "shell").run({"command": line}, given)
    assert config.read_text(encoding="utf-8") == "tools: {}\n"
    assert (root / "other").exists()


async def test_the_programs_of_a_person_are_found(shell: Shell, rung: Rung) -> None:
    output = await shell("echo $PATH")
    assert output.text.splitlines()[0].split(":") == list(find_programs())
    assert rung
