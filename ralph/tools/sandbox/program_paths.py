"""What one program may touch: the same on each rung, which carries it out as far as it can."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from ralph.config.private import make_folder
from ralph.core.data import Data, frozen
from ralph.tools.sandbox.visible import find_visible

# What runs something else later, outside the sandbox, by the person's own hand.
_OF_GIT = ("config", "hooks")


@frozen
class ProgramPaths(Data):
    """The paths of one program; everything else is hidden."""

    readable: tuple[str, ...]
    writable: tuple[str, ...]
    """The working directory and the private folder for temporary files."""
    pinned: tuple[str, ...]
    """Folders below the working directory that cannot be renamed, with what is protected below them."""
    protected: tuple[str, ...]
    """Paths below the working directory that can only be read."""


def find_paths(root: Path, temporary: Path, settings: Iterable[Path] = ()) -> ProgramPaths:
    """Return what a program may touch. `settings`: ralph's own files, protected where they lie below the root."""
    git = root / ".git"
    if (git / "HEAD").is_file() and not git.is_symlink():
        with contextlib.suppress(OSError):  # what is not there cannot be protected
            make_folder(git / "hooks")
    found = [git / name for name in _OF_GIT] if git.is_dir() else []
    found += [path for path in settings if _is_below(path, root)]
    protected = tuple(str(p) for p in found if p.exists() and os.path.realpath(p).startswith(f"{root}{os.sep}"))
    pinned = dict.fromkeys(str(up) for p in protected for up in reversed(Path(p).parents) if _is_below(up, root))
    return ProgramPaths(find_visible(root), (str(root), str(temporary)), tuple(pinned), protected)


def _is_below(path: Path, root: Path) -> bool:
    return path != root and path.is_relative_to(root)
