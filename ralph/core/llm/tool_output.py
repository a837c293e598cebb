"""What a tool call is going to do, and what it did: its text, the origin of the text, and the files it touched."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from ralph.core.data import Data, frozen

Origin = Literal["user", "project", "ralph", "outside"]
"""Where text comes from. `outside`: the network, servers that are not trusted, files outside the working directory."""

Rung = Literal["bwrap", "landlock+netns", "landlock", "none"]
"""The sandbox that held a program, the strongest first. On `landlock` UDP and unix sockets stay open."""


@frozen
class FileRecord(Data):
    """A file that a call reads, writes or removes."""

    path: str
    """The path below the working directory with `/`; an absolute path for a file outside it. With a `/` at its end it
    is a folder that the call made; a folder has no hashes."""
    before: str | None
    """The sha256 of its bytes before the call; None if there was no file."""
    after: str | None
    """The sha256 of its bytes after the call, equal to `before` for a file that was read; None if it was removed."""


@frozen
class LastRead(Data):
    """What a model last saw of a file in its timeline."""

    sha256: str | None
    """The hash of the file's bytes; None after a call that removed the file."""
    call: str
    """The call that read or changed the file."""
    wrote: bool = False
    """Whether the call changed the file."""


@frozen
class FileChange(Data):
    """A planned change of one file, by its bytes."""

    path: str
    """As in `FileRecord`."""
    before: bytes | None = field(repr=False)
    """The bytes that the plan was made from; None if there is no file. Another content at the write is a failure."""
    after: bytes | None = field(repr=False)
    """The bytes to write; None to remove the file."""


@frozen
class Prepared(Data):
    """What a call is going to do, known before a person is asked."""

    preview: str = ""
    """The diff, host or command line that a person sees."""
    changes: tuple[FileChange, ...] = ()
    """The files that the call changes: their bytes are blobs, and their records are committed, before the call runs."""


@frozen
class Media(Data):
    """An image, a sound or another file that a tool returned beside its text."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@frozen
class ToolOutput(Data):
    """The output of a call, for a tool that has more to say than a text."""

    text: str
    """The text for the model and the person."""
    origin: Origin | None = None
    """None: by the tool's effect (`network` and `unknown` are outside, the rest is project)."""
    sandbox: Rung | None = None
    """The rung that held the program; None if no program ran."""
    files: tuple[FileRecord, ...] = ()
    """The files that were read, written or removed."""
    media: tuple[Media, ...] = ()
    """Files beside the text; they are kept as blobs and shown by name."""
    failed: bool = False
    """Whether the call failed, though it has an output: a program's exit code, a server's `isError`."""
    timed_out: bool = False
    """Whether the tool itself stopped the call after a timeout of its own; the text is what came until then."""
    brief: str = ""
    """What the model reads in place of a long text; empty for the beginning of the text."""
