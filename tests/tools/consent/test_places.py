"""Paths and hosts against rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.consent.judge import judge


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for folder in ("src/deep", "secret", "docs"):
        (root / folder).mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (root / "src" / "out").symlink_to(tmp_path / "outside")
    (root / "src" / "to_secret").symlink_to(root / "secret")
    (root / "src" / "loop").symlink_to(root / "src" / "loop")
    (root / "alias").symlink_to(root / "src")
    return root


@pytest.mark.parametrize(
    ("path", "glob", "allowed"),
    [
        ("src/a.py", "src/**", True),
        ("./src/a.py", "src/**", True),
        ("src/deep/a.py", "src/**", True),
        ("src/deep/a.py", "src/*", False),
        ("src/a.py", "src/*", True),
        ("src/a.py", "./src/*", True),
        ("src/a.py", "src/?.py", True),
        ("src/a.py", "src/[ab].py", True),
        ("src/a.py", "src/[!a].py", False),
        ("src/a.py", "**/*.py", True),
        ("a.py", "**/*.py", True),
        ("src/a.py", "*.py", False),
        ("src/deep/a.py", "src/**/a.py", True),
        ("src/a.py", "src/**/a.py", True),
        ("docs/../src/a.py", "docs/**", False),
        ("docs/../src/a.py", "src/**", True),
        ("../project/src/a.py", "src/**", True),
        ("src/../../outside/a", "src/**", False),
        ("src/out/a", "src/**", False),
        ("src/out/a", "**", False),
        ("src/to_secret/a", "src/**", False),
        ("src/to_secret/a", "secret/**", True),
        ("alias/a.py", "alias/**", False),
        ("alias/a.py", "src/**", True),
        ("src/loop", "src/**", False),
        ("src\0/a", "src/**", False),
        ("src", "src/**", False),
        ("src/a.py", "", True),
        ("src/a.py", "../project/src/**", False),
        ("SRC/a.py", "src/**", False),
        ("srcs/a.py", "src**", False),
    ],
)
def test_a_path_is_matched_after_links_and_dots_are_resolved(root: Path, path: str, glob: str, allowed: bool) -> None:
    rule = f"write_file({glob})" if glob else "write_file"
    decision = judge("write", "write_file", path, allow=[rule], root=root)
    assert (decision.verdict == "allowed") is allowed, decision


@pytest.mark.parametrize(
    ("path", "glob", "denied"),
    [
        ("secret/a", "secret/**", True),
        ("secret/a", "secret", True),
        ("secret", "secret", True),
        ("src/to_secret/a", "secret/**", True),
        ("src/to_secret/a", "src/to_secret/**", True),
        ("src/../secret/a", "secret/**", True),
        ("src/out/a", "src/out/**", True),
        ("src/a", "secret/**", False),
        (".env", "**/.env", True),
        ("src/.env", "**/.env", True),
    ],
)
def test_a_denied_path_is_found_as_written_and_as_resolved(root: Path, path: str, glob: str, denied: bool) -> None:
    decision = judge("write", "write_file", path, allow=["write_file"], deny=[f"write_file({glob})"], root=root)
    assert (decision.verdict == "denied") is denied, decision


def test_a_whole_path_is_a_rule_too(root: Path) -> None:
    path = str(root / "src" / "a.py")
    assert judge("write", "write_file", path, allow=[f"write_file({root}/src/**)"], root=root).verdict == "allowed"
    assert judge("write", "write_file", path, allow=["write_file(src/**)"], root=root).verdict == "allowed"


@pytest.mark.parametrize(
    ("url", "host", "allowed"),
    [
        ("https://docs.python.org/3/", "docs.python.org", True),
        ("http://docs.python.org/3/", "docs.python.org", True),
        ("https://docs.python.org:443/", "docs.python.org", True),
        ("https://docs.python.org:8443/", "docs.python.org", False),
        ("https://docs.python.org:8443/", "docs.python.org:8443", True),
        ("https://docs.python.org/", "docs.python.org:8443", False),
        ("http://docs.python.org:443/", "docs.python.org", False),
        ("https://DOCS.Python.org/", "docs.python.org", True),
        ("https://docs.python.org./", "docs.python.org", True),
        ("https://docs.python.org/", "DOCS.python.org", True),
        ("https://docs.python.org/", "*.python.org", True),
        ("https://python.org/", "*.python.org", False),
        ("https://evilpython.org/", "*.python.org", False),
        ("https://docs.python.org.evil.com/", "docs.python.org", False),
        ("https://docs.python.org@evil.com/", "docs.python.org", False),
        ("https://evil.com@docs.python.org/", "docs.python.org", False),
        ("https://evil.com\\@docs.python.org/", "docs.python.org", False),
        ("https://evil.com#@docs.python.org/", "docs.python.org", False),
        ("https://evil.com/?docs.python.org", "docs.python.org", False),
        ("https://evil.com/docs.python.org", "docs.python.org", False),
        ("https://docs.python.org\t.evil.com/", "docs.python.org", False),
        ("https://docs.python.org\n/", "docs.python.org", False),
        ("https:///docs.python.org", "docs.python.org", False),
        ("docs.python.org", "docs.python.org", False),
        ("file://docs.python.org/etc", "docs.python.org", False),
        ("ftp://docs.python.org/", "docs.python.org", False),
        ("https://docs%2epython.org/", "docs.python.org", False),
        ("https://dосs.python.org/", "docs.python.org", False),
        ("https://ｄｏｃｓ.python.org/", "docs.python.org", True),
        ("https://docs。python。org/", "docs.python.org", True),
        ("https://bücher.example/", "xn--bcher-kva.example", True),
        ("https://xn--bcher-kva.example/", "bücher.example", True),
        ("http://[::1]:8080/", "[::1]:8080", True),
        ("http://[0:0:0:0:0:0:0:1]/", "::1", True),
        ("http://127.0.0.1/", "127.0.0.1", True),
        ("http://2130706433/", "127.0.0.1", False),
        ("http://0x7f.1/", "127.0.0.1", False),
        ("https://docs.python.org:99999/", "docs.python.org", False),
        ("https://any.example/", "*", True),
        ("https://any.example:8443/", "*", False),
        ("", "*", False),
        ("https://docs.python.org/", "https://docs.python.org", False),
    ],
)
def test_a_host_is_what_a_client_would_ask(url: str, host: str, allowed: bool) -> None:
    decision = judge("network", "web_fetch", url, allow=[f"web_fetch({host})"])
    assert (decision.verdict == "allowed") is allowed, decision


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.com/", "https://evil.com:8443/", "https://EVIL.com./", "https://me@evil.com/", "https://evil.com\\x",
        "https://good.org@evil.com/", "https://evil.com\n/", "https://ｅｖｉｌ.com/",
    ],
)  # fmt: skip
def test_a_denied_host_is_denied_on_every_port_and_in_every_spelling(url: str) -> None:
    assert judge("network", "web_fetch", url, allow=["web_fetch"], deny=["web_fetch(evil.com)"]).verdict == "denied"


@pytest.mark.parametrize("url", ["http://2130706433/", "http://0x7f.1/", "http://127.1:80/", "http://127.0.0.1:9/"])
def test_a_denied_address_is_denied_in_its_old_forms(url: str) -> None:
    assert judge("network", "web_fetch", url, allow=["web_fetch"], deny=["web_fetch(127.0.0.1)"]).verdict == "denied"


@pytest.mark.parametrize(
    ("effect", "name", "resource", "rule"),
    [
        ("network", "web_fetch", "https://docs.python.org/3/", "web_fetch(docs.python.org)"),
        ("network", "web_fetch", "http://localhost:8080/", "web_fetch(localhost:8080)"),
        ("network", "web_fetch", "http://[::1]:8080/", "web_fetch([::1]:8080)"),
        ("network", "web_fetch", "https://a@evil.com/", ""),
        ("write", "write_file", "src/a.py", "write_file(src/**)"),
        ("write", "write_file", "a.py", "write_file(a.py)"),
        ("write", "write_file", "a*.py", "write_file(a[*].py)"),
        ("write", "write_file", ".git/config", "write_file(.git/config)"),
        ("write", "write_file", "../outside/a", ""),
        ("write", "write_file", "src/out/a", ""),
        ("run", "run", ("git", "log", "-3"), "run(git log)"),
        ("run", "run", ("git", "-c", "a=b", "log"), "run(git -c a=b log)"),
        ("run", "run", ("pytest", "-q"), "run(pytest)"),
        ("run", "run", ("python", "a b.py"), "run(python 'a b.py')"),
        ("run", "run", ("rm", "-r", "build"), "run(rm -r build)"),
        ("run", "run", ("rm", "*"), "run(rm '*')"),
        ("run", "run", ("./x", "a"), ""),
        ("run", "run", ("git", "\x1b[2J"), "run(git)"),
        ("run", "run", ("python", "a\nb"), ""),
        ("run", "run", ("python", "-c", "x" * 600), ""),
        ("run", "shell", "git log -3", "shell(git log)"),
        ("run", "shell", "git log; ls", ""),
        ("run", "shell", "X=1 git log", ""),
        ("run", "python", "", ""),
        ("unknown", "git__log", "", "git__log"),
        ("write", "note", "", ""),
        ("network", "web_fetch", "", ""),
    ],
)
def test_always_stores_a_rule_that_covers_the_call(
    effect: str, name: str, resource: str | tuple[str, ...], rule: str, root: Path
) -> None:
    decision = judge(effect, name, resource, root=root)  # type: ignore[arg-type]
    assert (decision.verdict, decision.always) == ("ask", rule)
    if rule:
        again = judge(effect, name, resource, grants=[rule], root=root)  # type: ignore[arg-type]
        assert (again.verdict, again.by, again.scope) == ("allowed", f"your answer always: {rule}", "always")


def test_a_star_in_a_kept_argv_is_that_star_alone() -> None:
    assert judge("run", "run", ("rm", "*"), grants=["run(rm '*')"]).verdict == "allowed"
    assert judge("run", "run", ("rm", "-rf", "/"), grants=["run(rm '*')"]).verdict == "ask"
