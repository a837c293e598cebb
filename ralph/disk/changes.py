"""Changes files below a folder: each one whole or not at all, and never through a link.

The new bytes go into a temporary file in the same folder, reach the disk (fsync), and take the name by a rename below
the handle of the folder. The handle is opened name by name, without following a link.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ralph.core.data import Data, frozen
from ralph.core.llm.tool_output import FileChange, FileRecord
from ralph.disk.below import HAS_HANDLES, Elsewhere, open_folder

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES)

# One change at a time in this process: two calls of a turn may change the same file.
_LOCK = threading.Lock()


class ChangeRefused(Exception):
    """A change was not made. The message is a sentence for the model and the person."""


class ChangedMeanwhile(ChangeRefused):
    """The file is not the one from which the change was made."""


@frozen
class _Folder(Data):
    """An open folder. Without handles (Windows) its path stands for it."""

    path: Path
    handle: int | None

    def name(self, name: str) -> str:
        """Return the name for a system call with `dir_fd=handle`."""
        return name if self.handle is not None else os.fspath(self.path / name)


def sha256(data: bytes) -> str:
    """Return the hash in hex by which records and blobs name bytes."""
    import hashlib  # loads OpenSSL, which few turns need

    return hashlib.sha256(data).hexdigest()


def record_of(change: FileChange) -> FileRecord:
    """Return the record of a change that was made."""
    before, after = (None if data is None else sha256(data) for data in (change.before, change.after))
    return FileRecord(change.path, before, after)


def is_folder_path(path: str) -> bool:
    """Return whether the path of a change or record names a folder."""
    return path.endswith("/")


def read_bytes(root: Path, path: str) -> bytes | None:
    """Return the bytes of the file at this path below the real root; None if there is none.

    Raises `ChangeRefused` for anything that is not a regular file, and for a path that cannot be reached.
    """
    try:
        with _open_parent(root, path) as folder:
            return _read(folder, Path(path).name)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ChangeRefused(describe_error(path, error)) from None


def apply_changes(root: Path, changes: Sequence[FileChange]) -> tuple[FileRecord, ...]:
    """Make the changes in order below the real root, and return the records of what was done.

    Nothing is done if a file is not as its change expects. Raises `ChangeRefused`; each file then has its old or its
    new bytes.
    """
    with _LOCK:
        for change in changes:
            if not is_folder_path(change.path) and read_bytes(root, change.path) != change.before:
                raise ChangedMeanwhile(_describe_change(change.path))
        done: list[FileRecord] = []
        for change in changes:
            try:
                done += _apply(root, change)
            except OSError as error:
                raise ChangeRefused(describe_error(change.path, error)) from None
    return tuple(done)


def remove_empty_folder(root: Path, path: str) -> bool:
    """Remove the folder at this path if it is empty; return whether it was removed."""
    try:
        with _open_parent(root, path.rstrip("/")) as folder:
            os.rmdir(folder.name(Path(path).name), dir_fd=folder.handle)
    except OSError:
        return False
    return True


def remove_temporary(root: Path, record: FileRecord) -> None:
    """Remove the temporary file that a killed write of this record may have left."""
    if record.after is None or is_folder_path(record.path):
        return
    with contextlib.suppress(OSError), _open_parent(root, record.path) as folder:
        os.unlink(folder.name(_temporary_name(record.path, record.after)), dir_fd=folder.handle)


def describe_error(path: str, error: OSError) -> str:
    """Return a sentence for a change that the system refused."""
    why = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file would be larger than the system allows",
        errno.EACCES: "the system does not permit it",
        errno.EPERM: "the system does not permit it",
        errno.EROFS: "the disk is read-only",
        errno.ENAMETOOLONG: "its name is too long",
        errno.ELOOP: "a part of its path is a link, and ralph does not write through links",
        errno.ENOTDIR: "a part of its path is a file or a link",
        errno.EISDIR: "it is a folder",
        errno.EXDEV: "it is not below the working directory, or it changed meanwhile",
        errno.ENOENT: "its folder is gone",
    }.get(error.errno or 0, error.strerror or "the system refused")
    shown = path if len(path) <= 120 else f"{path[:120]}…"
    return f"{shown} cannot be written: {why}"


def _apply(root: Path, change: FileChange) -> list[FileRecord]:
    with _open_parent(root, change.path.rstrip("/")) as folder:
        name = Path(change.path).name
        if is_folder_path(change.path):
            try:
                os.mkdir(folder.name(name), dir_fd=folder.handle)
            except FileExistsError:
                return []
        elif change.after is None:
            os.unlink(folder.name(name), dir_fd=folder.handle)
        else:
            _replace(folder, name, change, change.after)
        _sync(folder)
    return [record_of(change)]


def _replace(folder: _Folder, name: str, change: FileChange, data: bytes) -> None:
    """Give the bytes this name, with the mode and the owner of the file that had it."""
    found, temporary = _facts(folder, name), _temporary_name(change.path, sha256(data))
    if found and not stat.S_IMODE(found.st_mode) & 0o222:
        raise ChangeRefused(f"{change.path} is write-protected")
    _discard(folder, temporary)
    try:
        _write(folder, temporary, data, found)
        if found is None:
            _take_free_name(folder, temporary, name)
            return
        if _read(folder, name) != change.before:  # again, because writing takes time
            raise ChangedMeanwhile(_describe_change(change.path))
        ends = {"src_dir_fd": folder.handle, "dst_dir_fd": folder.handle}
        os.replace(folder.name(temporary), folder.name(name), **ends)
    except BaseException:
        _discard(folder, temporary)
        raise


def _take_free_name(folder: _Folder, temporary: str, name: str) -> None:
    """Name the temporary file. Fails if the name is taken; where there are no hard links, it is taken over."""
    ends = {"src_dir_fd": folder.handle, "dst_dir_fd": folder.handle}
    try:
        os.link(folder.name(temporary), folder.name(name), **ends, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        os.replace(folder.name(temporary), folder.name(name), **ends)
    else:
        _discard(folder, temporary)


def _write(folder: _Folder, name: str, data: bytes, like: os.stat_result | None) -> None:
    descriptor = os.open(folder.name(name), _CREATE | _NO_LINK, 0o600 if like else 0o666, dir_fd=folder.handle)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        if like and sys.platform != "win32":
            with contextlib.suppress(OSError):  # only root may give a file away
                os.fchown(descriptor, like.st_uid, like.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
        os.fsync(descriptor)


def _read(folder: _Folder, name: str) -> bytes | None:
    """Return the bytes of the file of this name; None if there is none. Never waits for a pipe or a device."""
    found = _facts(folder, name)
    if found is None:
        return None
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, "a link", name)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder", name)
    if not stat.S_ISREG(found.st_mode):
        raise ChangeRefused(f"{name} is a pipe, a socket or a device, not a file")
    descriptor = os.open(folder.name(name), _READ | _NO_LINK, dir_fd=folder.handle)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Elsewhere(folder.path / name)
        return file.read()


def _facts(folder: _Folder, name: str) -> os.stat_result | None:
    try:
        return os.stat(folder.name(name), dir_fd=folder.handle, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _discard(folder: _Folder, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(folder.name(name), dir_fd=folder.handle)


def _sync(folder: _Folder) -> None:
    if folder.handle is not None:
        with contextlib.suppress(OSError):  # some file systems cannot sync a folder
            os.fsync(folder.handle)


def _describe_change(path: str) -> str:
    return f"{path} changed while the call waited; read it again"


def _temporary_name(path: str, after: str) -> str:
    """Return the name of the temporary file: the same for the same write, so that recovery finds it."""
    return f".ralph-{sha256(os.fsencode(path) + after.encode())[:20]}.tmp"


@contextlib.contextmanager
def _open_parent(root: Path, path: str) -> Iterator[_Folder]:
    parent = root.joinpath(path).parent
    if not HAS_HANDLES:
        if parent.resolve() != parent or not parent.is_relative_to(root):
            raise Elsewhere(parent)
        yield _Folder(parent, None)
        return
    with open_folder(root, parent) as handle:
        yield _Folder(parent, handle)
