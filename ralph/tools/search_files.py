"""The tool that finds text in files, and files by name, below the working directory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, ToolCall, ToolFailure
from ralph.core.llm.tool_output import FileRecord, ToolOutput
from ralph.core.unicode import whole
from ralph.tools import _text
from ralph.tools._arguments import check_arguments
from ralph.tools._paths import Walk, format_path, inside, is_folder, real, regular
from ralph.tools._patterns import finder

MAX_SECONDS = 10.0
MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_HITS = 100
_EXCERPT = 160

_SPEC = ToolSpec(
    "search_files",
    "Finds text in the files below the working directory (`text`, plain unless `regex`), or files and folders by name "
    "(`name`, a glob or a part of it). Hidden files and keys are left out. `path`: the file or folder to look in; "
    "`pattern`: only files that fit a glob as *.py; `report`: lines (default), files, or count.",
    {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "name": {"type": "string"},
            "path": {"type": "string"},
            "pattern": {"type": "string", "description": "globs on the file's name, separated by spaces"},
            "regex": {"type": "boolean"},
            "ignore_case": {"type": "boolean", "description": "true unless it is given"},
            "report": {"type": "string", "enum": ["lines", "files", "count"]},
        },
        "additionalProperties": False,
    },
)


@frozen
class _Hit(Data):
    path: Path
    number: int
    line: str
    times: int
    file: FileRecord


class _Search:
    """One text search. `cut` is the reason for an early end; `skipped` counts files that are not text."""

    def __init__(self, given: Mapping[str, Any], root: Path, clock: Clock) -> None:
        self.cut = ""
        self.skipped = 0
        self.searched = 0
        self._given = given
        self._root = root
        self._clock = clock
        self._until = clock.monotonic() + MAX_SECONDS
        self._find = finder(given["text"], regex=given.get("regex", False), ignore_case=given.get("ignore_case", True))

    def hits(self) -> Iterator[_Hit]:
        for path in self._files():
            try:
                read = _text.read(path, format_path(path, self._root), self._root)
            except ToolFailure:
                self.skipped += 1
                continue
            self.searched += 1
            for number, line in enumerate(_text.lines(read.text), start=1):
                if times := self._find(line):
                    yield _Hit(path, number, line.strip(), times, read.record)
                if self._clock.monotonic() > self._until:
                    self.cut = f"stopped after {MAX_SECONDS:g} s"
                    return

    def _files(self) -> Iterator[Path]:
        start = inside(self._root, self._given.get("path", "."))
        if not is_folder(start, self._root):
            _text.content(start, format_path(start, self._root), self._root)  # raises the reason of an unreadable file
            yield start
            return
        patterns = self._given.get("pattern", "").split()
        walk = Walk(self._root, start)
        for path in walk:
            facts = regular(path, self._root)
            if facts and (not patterns or any(fnmatch(path.name, p) for p in patterns)):
                if facts.st_size > MAX_FILE_BYTES:
                    self.skipped += 1
                else:
                    yield path
        if walk.cut:
            self.cut = "there were too many files"


def _in_text(given: Mapping[str, Any], root: Path, clock: Clock) -> ToolOutput:
    if not given["text"].strip():
        raise ToolFailure("the text to search for is empty")
    search = _Search(given, root, clock)
    hits = list(search.hits())
    told = _format_hits(given, hits, root, search.searched)
    notes = [f"passed over, as no text or too large: {_number(search.skipped, 'file')}"] if search.skipped else []
    notes += [search.cut] if search.cut else []
    shown = hits[:MAX_HITS] if given.get("report", "lines") == "lines" else []
    text = f"{told}\n\n({'; '.join(notes)})" if notes else told
    return ToolOutput(text, files=tuple(dict.fromkeys(hit.file for hit in shown)))


def _format_hits(given: Mapping[str, Any], hits: list[_Hit], root: Path, searched: int) -> str:
    sought = f'"{given["text"]}"' if not given.get("regex") else f"`{given['text']}`"
    where = given.get("path") or given.get("pattern") or "the working directory"
    where = f"`{where}`" if "*" in where or "_" in where else where
    files = list(dict.fromkeys(hit.path for hit in hits))
    single = len(files) == 1 and "path" in given and searched == 1
    if not hits:
        return f"{sought} was not found in {where} ({_number(searched, 'file')} searched)."
    verb = "holds" if len(hits) == 1 else "hold"
    if given.get("report") == "count":
        spread = where if single else f"{_number(len(files), 'file')} of {where}"
        times = sum(hit.times for hit in hits)
        return f"{_number(len(hits), 'line')} in {spread} {verb} {sought}, {_number(times, 'time')} in all."
    if given.get("report") == "files":
        verb = "holds" if len(files) == 1 else "hold"
        rows = [f"- {format_path(path, root)}" for path in files[:MAX_HITS]]
        return "\n".join([f"{_number(len(files), 'file')} in {where} {verb} {sought}:", "", *rows])
    place = where if single else _number(len(files), "file")
    head = f"{_number(len(hits), 'line')} in {place} {verb} {sought}:"
    rows = [f"{_name(hit.path, root)}:{hit.number}: {hit.line[:_EXCERPT]}" for hit in hits[:MAX_HITS]]
    more = [f"… and {len(hits) - MAX_HITS} more"] if len(hits) > MAX_HITS else []
    return f"{head}\n\n" + _text.fence_code("\n".join([*rows, *more]))


def _name(path: Path, root: Path) -> str:
    return whole(path.relative_to(root).as_posix())


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _by_name(given: Mapping[str, Any], root: Path) -> str:
    name = given["name"].strip()
    if not name:
        raise ToolFailure("the name to search for is empty")
    start = inside(root, given.get("path", "."))
    glob = name.lower() if any(sign in name for sign in "*?[") else None
    walk = Walk(root, start)
    found = [p for p in walk if (fnmatch(p.name.lower(), glob) if glob else name.lower() in p.name.lower())]
    if glob is None:
        same = [p for p in found if p.name.lower() == name.lower()]
        found = same or found
    sought = f"`{name}`" if glob else f'"{name}"'
    if not found:
        return f"No file or folder here is named {sought}; hidden files were not looked at."
    rows = [f"- {format_path(p, root)}{'/' if is_folder(p, root) else ''}" for p in found[:MAX_HITS]]
    more = [f"- … and {len(found) - MAX_HITS} more"] if len(found) > MAX_HITS else []
    return "\n".join([f"Found {len(found)} named {sought}:", "", *rows, *more])


def _search(given: Mapping[str, Any], root: Path, clock: Clock) -> str | ToolOutput:
    if ("text" in given) == ("name" in given):
        raise ToolFailure("search_files needs either text to find in files, or a name of files to find")
    return _in_text(given, root, clock) if "text" in given else _by_name(given, root)


@frozen
class SearchFiles(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "read"

    def resource(self, arguments: Mapping[str, Any]) -> str:
        return str(arguments.get("path") or ".")

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str | ToolOutput:
        given = check_arguments(self.spec, arguments)
        return await asyncio.to_thread(_search, given, real(call.root), call.clock)


TOOL = SearchFiles()
