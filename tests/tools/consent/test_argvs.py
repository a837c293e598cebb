"""Argvs against rules, token by token."""

from __future__ import annotations

import pytest

from ralph.tools.consent.programs import TABLE, WHOLE, find_signs, read_table
from tests.tools.consent.judge import run


@pytest.mark.parametrize(
    ("argv", "rule", "verdict"),
    [
        (("git", "log"), "run(git log)", "allowed"),
        (("git", "log", "-3"), "run(git log)", "allowed"),
        (("git", "logs"), "run(git log)", "ask"),
        (("git",), "run(git log)", "ask"),
        (("git log",), "run(git log)", "ask"),
        (("git", "log", "; rm -rf ~"), "run(git log)", "allowed"),  # no shell reads it
        (("git", "log", "$(rm x)"), "run(git log)", "allowed"),
        (("/usr/bin/git", "log"), "run(git log)", "ask"),
        (("./git", "log"), "run(git log)", "ask"),
        (("/usr/bin/git", "log"), "run(/usr/bin/git log)", "ask"),
        (("Git", "log"), "run(git log)", "ask"),
        (("", "git", "log"), "run(git log)", "ask"),
        (("git", "log", "a b"), "run(git log 'a b')", "allowed"),
        (("pytest",), "run(pytest)", "allowed"),
        (("pytest", "-q", "tests/a.py"), "run(pytest)", "allowed"),
        (("pytest", "-p", "evil"), "run(pytest)", "ask"),
        (("pytest", "@args"), "run(pytest)", "ask"),
        (("tar", "tf", "host:a.tar"), "run(tar)", "ask"),
        (("tar", "xf", "a.tar", "-T", "list"), "run(tar)", "ask"),
        (("shuf", "--outp=f"), "run(shuf)", "ask"),
        (("git", "branch", "--edit-description"), "run(git branch)", "ask"),
        (("python", "-m", "pytest"), "run(python -m pytest)", "allowed"),
        (("python", "-m", "pytest", "-p", "evil"), "run(python -m pytest)", "ask"),
        (("python3.11", "x.py"), "run(python3.11)", "ask"),
        (("npm", "exec", "evil"), "run(npm)", "ask"),
        (("npm", "exec", "tsc"), "run(npm exec)", "allowed"),
        (("npm", "test"), "run(npm test)", "allowed"),
        (("rsync", "-e", "sh -c id", "a", "b"), "run(rsync)", "ask"),
        (("curl", "-o", "f", "https://a"), "run(curl)", "ask"),
        (("curl", "-sof", "https://a"), "run(curl)", "ask"),
        (("curl", "-K", "f"), "run(curl)", "ask"),
        (("curl", "--conf", "f"), "run(curl)", "ask"),
        (("curl", "https://a"), "run(curl)", "allowed"),
        (("man", "-P", "id", "ls"), "run(man)", "ask"),
        (("less", "+!id", "f"), "run(less)", "ask"),
        (("make", "test"), "run(make)", "allowed"),
        (("make", "SHELL=/tmp/x"), "run(make)", "ask"),
        (("make", "-f", "/tmp/m"), "run(make)", "ask"),
        (("vim", "-c", "!id"), "run(vim)", "ask"),
        (("ssh", "-o", "ProxyCommand=id", "h"), "run(ssh h)", "ask"),
        (("awk", 'BEGIN{system("id")}'), "run(awk)", "ask"),
        (("env", "ls"), "run(env)", "ask"),
        (("uniq", "a"), "run(uniq)", "allowed"),
        (("uniq", "a", "b"), "run(uniq)", "ask"),
        (("go", "test", "./..."), "run(go test)", "allowed"),
        (("go", "test", "-exec", "sh"), "run(go test)", "ask"),
        (("go", "test", "-exec=sh"), "run(go test)", "ask"),
        (("gcc", "-wrapper", "id", "a.c"), "run(gcc)", "ask"),
        (("cargo", "test"), "run(cargo)", "allowed"),
        (("cargo", "run"), "run(cargo)", "ask"),
        (("pip", "install", "x"), "run(pip)", "ask"),
        (("pip", "list"), "run(pip)", "allowed"),
        (("wget", "https://a"), "run(wget)", "ask"),
        (("git", "log"), "run", "allowed"),
        (("python", "-c", "1"), "run", "allowed"),
        (("git", "log"), "*(git)", "allowed"),
        (("git", "log"), "shell(git)", "ask"),
        (("git", "log"), "run(*)", "ask"),
        (("git", "log"), "run('git)", "ask"),
    ],
)
def test_an_argv_is_compared_token_by_token(argv: tuple[str, ...], rule: str, verdict: str) -> None:
    assert run(*argv, allow=[rule]).verdict == verdict


@pytest.mark.parametrize(
    ("argv", "rule"),
    [
        (("rm", "x"), "run(rm)"), (("/bin/rm", "x"), "run(rm)"), (("rm", "x"), "run(/usr/bin/rm)"),
        (("rm", "-r", "-f", "x"), "run(rm -rf)"), (("rm", "x", "-fr"), "run(rm -rf)"),
        (("git", "push"), "run(git push)"), (("git", "-C", "d", "push"), "run(git push)"),
        (("git", "push", "--forc"), "run(git push --force)"), (("sh", "-c", "git push"), "run(git push)"),
        (("sudo", "rm", "x"), "run(rm)"), (("env", "A=1", "rm", "x"), "run(rm)"), (("find", ".", "-exec", "rm",
        "{}", "+"), "run(rm)"),
        (("bash", "-c", "ls && rm x"), "run(rm)"), (("bash", "-crm x"), "run(rm)"), (("xargs", "-n1", "rm"), "run(rm)"),
        (("python", "-c", "import subprocess; subprocess.run(['rm'])"), "run(rm)"), (("rm.exe", "x"), "run(rm)"),
        (("mkfs.ext4", "/dev/sda"), "run(mkfs*)"), (("git", "-c", "core.pager=rm x", "log"), "run(rm)"),
        (("ls",), "run"), (("ls",), "*"), (("ls",), "run(*)"), (("ls",), "run('ls)"), (("ls",), "run(ls"),
    ],
)  # fmt: skip
def test_a_denied_program_is_found_behind_another(argv: tuple[str, ...], rule: str) -> None:
    assert run(*argv, allow=["run"], deny=[rule], yes=True).verdict == "denied"


@pytest.mark.parametrize(
    "argv",
    [("git", "commit", "-m", "push"), ("git", "log", "push"), ("echo", "rm"), ("ls", "rm"), ("grep", "-r", "rm")],
)
def test_a_word_that_is_no_program_is_not_denied(argv: tuple[str, ...]) -> None:
    assert run(*argv, allow=["run"], deny=["run(rm)", "run(git push)"]).verdict == "allowed"


@pytest.mark.parametrize("program", ["sh", "bash", "python", "xargs"])
def test_the_input_of_a_shell_is_searched(program: str) -> None:
    given = {"arguments": {"stdin": "import os\nrm x"}}
    assert run(program, allow=[f"run({program})"], deny=["run(rm)"], **given).verdict == "denied"
    assert run(program, allow=[f"run({program})"], **given).verdict == "ask"


def _lines() -> list[list[str]]:
    return [line.split("\t") for line in TABLE.read_text().splitlines()[1:]]


KINDS = {*WHOLE, "careful", "option", "early", "word", "begins", "holds", "bundle", "second", "command", "script"}


def test_every_row_of_the_table_has_a_kind_and_a_source() -> None:
    for row in _lines():
        assert len(row) == 5, row
        program, kind, sign, what, source = row
        assert program
        assert kind in KINDS, row
        assert (sign == "-") == (kind in {*WHOLE, "careful", "second", "script"}), row
        assert what in ("starts", "writes"), row
        assert len(source) > 3, row
    assert len(read_table()) > 300


def test_every_row_of_the_table_is_found_in_an_argv() -> None:
    for program, kind, sign, _, _ in _lines():
        name, *sub = program.split()
        argv = {
            "early": [name, sign, "x"], "begins": [name, *sub, f"{sign}x"], "holds": [name, f"a{sign}b"],
            "bundle": [name, f"x{sign}f", "a"], "second": [name, "a", "b"], "script": [name, "-i", "p"],
            "careful": [name],
        }.get(kind, [name, *sub, sign, "x"])  # fmt: skip
        found = {(row.program, row.kind, row.sign) for row in find_signs(argv)}
        assert ((program, kind, sign) in found) is (kind != "careful"), (argv, kind)
