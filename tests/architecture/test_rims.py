"""What ralph writes to a terminal or makes as a file goes through one place each; nothing else does it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ralph

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

ROOT = Path(ralph.__file__).parent
# Processes of their own, which start a program in a sandbox or try what must fail in it. They write reports to pipes
# and files of /proc, and nothing that a person reads or keeps.
APART = ("tools/sandbox/jail/", "tools/sandbox/tries.py")
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}


def rooms() -> list[Path]:
    found = sorted(ROOT.rglob("*.py"))
    return [path for path in found if not path.relative_to(ROOT).as_posix().startswith(APART)]


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in rooms():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield str(path.relative_to(ROOT)), node


def test_the_process_wraps_its_streams_before_anything_else() -> None:
    tree = ast.parse((ROOT / "cli" / "main.py").read_text(encoding="utf-8"))
    main = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "main")
    assert ast.unparse(main.body[1]) == "clean_output.guard()"


def test_nothing_writes_past_them() -> None:
    """`sys.__stderr__` and descriptors 1 and 2 are not wrapped, and what one line has is made one by whoever prints."""
    past: list[str] = []
    for path in rooms():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("__stdout__", "__stderr__"):
                past.append(f"{path.name}: {ast.unparse(node)}")
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.write":
                past.append(f"{path.name}: {ast.unparse(node)}")
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("sys.stdout.buffer", "sys.stderr.buffer"):
                past.append(f"{path.name}: {ast.unparse(node)}")
    assert sorted(set(past)) == [
        "start.py: sys.__stderr__",  # where Textual paints, past the rim
        "streams.py: sys.stderr.buffer",  # made lenient before the rim is put around it
        "terminal.py: os.write(descriptor, (undo() + _BACK).encode())",  # fixed sequences that give the terminal back
        "terminal.py: os.write(descriptor, undo().encode())",  # the same for its title
        "terminal.py: sys.__stderr__",
        "terminal_background.py: os.write(terminal, QUESTION)",  # a fixed question to the terminal
    ]


def test_only_the_command_line_knows_the_process_s_streams() -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in rooms()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in STREAMS and ast.unparse(node.value) == "sys"
    }
    assert {u for u in users if not u.startswith("cli/")} <= {
        "__main__.py",
        "tui/start.py",
        "tui/terminal.py",
    }


def test_files_and_folders_are_made_in_one_place() -> None:
    """Else the umask decides who reads them. `tempfile` makes its files private by itself; `below` only reads.

    `disk/changes` makes the files of the person's own project, for which the umask is meant.
    """
    assert "O_CREAT" not in (ROOT / "disk" / "below.py").read_text(encoding="utf-8")
    made = [
        f"{path}: {ast.unparse(call)}"
        for path, call in calls()
        if path not in ("config/private.py", "disk/below.py", "disk/changes.py")
        and _makes(ast.unparse(call.func), call)
    ]
    assert not [m for m in made if "os.devnull" not in m and "/dev/tty" not in m], made


def _makes(function: str, call: ast.Call) -> bool:
    if function.endswith((".mkdir", ".makedirs", ".touch", ".write_text", ".write_bytes")):
        return True
    if function == "os.open":
        return not any("O_RDONLY" in ast.unparse(a) for a in call.args) or "O_CREAT" in ast.unparse(call)
    if function == "open" or function.endswith(".open"):
        words = [a.value for a in (*call.args, *(k.value for k in call.keywords)) if isinstance(a, ast.Constant)]
        modes = [w for w in words if isinstance(w, str) and w in ("w", "a", "x", "wb", "ab", "xb", "r+b")]
        return bool(modes) and not (call.args and isinstance(call.args[0], ast.Call | ast.Name))
    return False
