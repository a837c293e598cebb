"""What a sandboxed program may read beside the working directory: the system, and the programs of the person."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

# Folders of the system, without those that hold the data of services, sockets and persons.
_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store", "/snap",
    "/run/current-system", "/sys/devices/system", "/sys/fs/cgroup",
)  # fmt: skip
# Names in /etc that only root may read. Where ralph runs as root, a program must not read them either.
_SECRET_ETC = frozenset(
    [
        "shadow",
        "shadow-",
        "gshadow",
        "gshadow-",
        "sudoers",
        "sudoers.d",
        "ssh",
        "ssl/private",
        "krb5.keytab",
        "security",
    ]
)
# Where programs live below a home directory. None of these folders holds keys; `~/.cargo` as a whole would.
_TOOLCHAINS = (
    ".pyenv", ".rbenv", ".nvm", ".asdf", ".rustup", ".volta", ".sdkman", ".deno/bin", ".bun/bin", ".cargo/bin",
    ".cargo/registry", ".cargo/git", "go/bin", "go/pkg", ".nix-profile", ".local/bin", ".local/lib", ".local/pipx",
    ".local/share/pipx", ".local/share/uv", ".local/share/mise", ".local/share/rtx", ".local/share/fnm", "miniconda3",
    "anaconda3", "miniforge3", ".conda/envs",
)  # fmt: skip


def contains_home(root: Path) -> bool:
    """Return whether the working directory is the home directory or above it, so that it cannot be hidden."""
    home = _home()
    return home != Path("/") and home.is_relative_to(root)


def find_visible(root: Path) -> tuple[str, ...]:
    """Return the folders and files that exist, the outer before the inner."""
    wanted = [*_SYSTEM, *_list_etc(), *_find_interpreter(), *find_programs(), *_find_shims(), *_find_git(root)]
    wanted += [str(_home() / name) for name in _TOOLCHAINS] if _home() != Path("/") else []
    there = {path for path in wanted if os.path.exists(path)}
    return tuple(sorted(there, key=lambda path: (path.count("/"), path)))


def find_programs() -> tuple[str, ...]:
    """Return the folders of PATH, without those that hold the home directory or are above it."""
    home = _home()
    given = dict.fromkeys(os.environ.get("PATH", os.defpath).split(os.pathsep))
    return tuple(p for p in given if os.path.isabs(p) and not home.is_relative_to(p) and os.path.isdir(p))


def _find_shims() -> Iterator[str]:
    """Yield the folders of version managers: a program in `shims` (pyenv, rbenv, asdf) starts one beside its folder."""
    for folder in map(Path, find_programs()):
        if folder.name == "shims" and not _home().is_relative_to(folder.parent):
            yield str(folder.parent)


def _home() -> Path:
    return Path(os.path.realpath(os.path.expanduser("~")))


def _list_etc() -> Iterator[str]:
    """Yield what a program may read of /etc, and the file that a link there leads to: names are resolved by it."""
    if sys.platform == "win32" or os.geteuid() != 0:
        yield "/etc"
    else:
        for entry in _list_open("/etc", _SECRET_ETC):
            if entry == "/etc/ssl":
                yield from _list_open("/etc/ssl", frozenset(["private"]))
            else:
                yield entry
    yield os.path.realpath("/etc/resolv.conf")


def _list_open(folder: str, closed: Iterable[str]) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if name not in closed]
    except OSError:
        return []


def _find_interpreter() -> Iterator[str]:
    """Yield where ralph's own interpreter lives: it proves the rungs, and runs code where there is no other."""
    yield sys.base_prefix
    yield sys.prefix
    yield os.path.dirname(os.path.realpath(sys.executable))


def _find_git(root: Path) -> Iterator[str]:
    """Yield the repository that a linked worktree belongs to, if that repository knows this worktree."""
    link = root / ".git"
    try:
        if not link.is_file():
            return
        own = Path(link.read_text(encoding="utf-8").removeprefix("gitdir:").strip())
        back = Path((own / "gitdir").read_text(encoding="utf-8").strip())
        if own.is_absolute() and back.samefile(link) and own.parent.name == "worktrees":
            yield str(own.parent.parent)
    except (OSError, ValueError):
        return
