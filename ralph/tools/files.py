"""The tool that lists, reads and counts files below the working directory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, ToolCall, ToolFailure
from ralph.core.llm.tool_output import ToolOutput
from ralph.core.unicode import whole
from ralph.tools import _text
from ralph.tools._arguments import check_arguments
from ralph.tools._paths import Walk, format_path, inside, is_folder, real, regular

MAX_LISTED = 200
MAX_READ_LINES = 1000
MAX_READ_CHARACTERS = 30_000

_SPEC = ToolSpec(
    "files",
    "Lists, reads and counts files below the working directory; hidden files and keys are left out. "
    "list: what is in `path` (`pattern` a glob as *.py, `recursive`, `sort`). read: the text of the file `path`, or "
    "`count` lines `from` its start, its end or a `line`. count: the lines, words, characters or bytes of the file "
    "`path` or of all files that fit `pattern`; or how many files or folders there are.",
    {
        "type": "object",
        "properties": {
            "action": {"type": "string", "enum": ["list", "read", "count"]},
            "path": {"type": "string", "description": "a file or folder; the working directory if left out"},
            "what": {
                "type": "string",
                "enum": ["lines", "words", "characters", "bytes", "all", "files", "folders"],
            },
            "pattern": {"type": "string", "description": "globs on the file's name, separated by spaces: *.yaml *.yml"},
            "recursive": {"type": "boolean"},
            "sort": {"type": "string", "enum": ["name", "size", "time"]},
            "count": {"type": "integer", "minimum": 1, "maximum": MAX_READ_LINES},
            "line": {"type": "integer", "minimum": 1, "description": "the first line to read, 1 if left out"},
            "from": {"type": "string", "enum": ["start", "end"]},
        },
        "required": ["action"],
        "additionalProperties": False,
    },
)


def _list(given: Mapping[str, Any], root: Path) -> str:
    folder = inside(root, given.get("path", "."))
    if not is_folder(folder, root):
        facts = regular(folder, root)
        return f"{format_path(folder, root)} is a file of {facts.st_size if facts else 0} bytes."
    recursive = given.get("recursive", False)
    walk = Walk(root, folder, recursive=recursive)
    patterns = given.get("pattern", "").split()
    by = given.get("sort", "name")
    found = [p for p in walk if _fits(p, patterns) and (by == "name" or regular(p, root))]
    kind = ("entry", "entries") if by == "name" else ("file", "files")
    found.sort(key=_key(by, root), reverse=by != "name")
    shown_count = min(given.get("count", MAX_LISTED), MAX_LISTED)
    head = f"{_place(folder, root)} holds {_number(len(found), *kind)}{_quote_all(patterns)}"
    if not found:
        return f"{head}.{_describe_left_out(walk)}"
    how = {"size": "; the largest", "time": "; the last that changed"}.get(by, "")
    rows = [f"- {_row(p, folder, by, root)}" for p in found[:shown_count]]
    more = [f"- … and {len(found) - shown_count} more"] if len(found) > shown_count and "count" not in given else []
    return "\n".join([f"{head}{how}:{_describe_left_out(walk)}", "", *rows, *more])


def _key(by: str, root: Path) -> Any:
    if by == "name":
        return lambda p: p.as_posix().lower()
    return lambda p: getattr(regular(p, root), "st_size" if by == "size" else "st_mtime", 0)


def _row(path: Path, folder: Path, by: str, root: Path) -> str:
    name = whole(path.relative_to(folder).as_posix())
    name = f"`{name}`" if any(sign in name for sign in "_*`[<~") else name
    facts = regular(path, root)
    return (
        f"{name}/" if is_folder(path, root) else f"{name} ({facts.st_size} bytes)" if facts and by != "time" else name
    )


def _read(given: Mapping[str, Any], root: Path) -> ToolOutput:
    """Return the text with the record of the file, so that a later write knows what the model saw."""
    if "path" not in given:
        raise ToolFailure("read needs the path of a file")
    path = inside(root, given["path"])
    name = format_path(path, root)
    whole_text = _text.read(path, name, root)
    return ToolOutput(_show(_text.lines(whole_text.text), name, given), files=(whole_text.record,))


def _show(found: list[str], name: str, given: Mapping[str, Any]) -> str:
    if not found:
        return f"{name} is empty."
    wanted = min(given.get("count", MAX_READ_LINES), MAX_READ_LINES)
    first = len(found) - min(wanted, len(found)) if given.get("from") == "end" else given.get("line", 1) - 1
    part = found[first : first + wanted]
    if not part:
        return f"{name} has only {_number(len(found), 'line', 'lines')}."
    text = "\n".join(part)
    cut = f", cut after {MAX_READ_CHARACTERS} characters" if len(text) > MAX_READ_CHARACTERS else ""
    shown_lines = f"line {first + 1}" if len(part) == 1 else f"lines {first + 1} to {first + len(part)}"
    which = "" if len(part) == len(found) else f", {shown_lines} of {len(found)}"
    return f"{name}{which}{cut}:\n\n{_text.fence_code(text[:MAX_READ_CHARACTERS])}"


def _count(given: Mapping[str, Any], root: Path) -> str:
    what = given.get("what", "all")
    start = inside(root, given.get("path", "."))
    if what in ("files", "folders"):
        return _count_entries(given, start, root, folders=what == "folders")
    if is_folder(start, root) and "pattern" not in given:
        raise ToolFailure(
            f"{_place(start, root)} is a folder; its files are counted with what=files, or with a pattern"
        )
    if not is_folder(start, root):
        return f"{format_path(start, root)} has {_sum_up(_count_file(start, root, what), what)}."
    walk = Walk(root, start, recursive=given.get("recursive", True))
    files = [p for p in walk if regular(p, root) and _fits(p, given["pattern"].split())]
    total: dict[str, int] = {}
    skipped = 0
    for path in files:
        try:
            for key, value in _count_file(path, root, what).items():
                total[key] = total.get(key, 0) + value
        except ToolFailure:
            skipped += 1
    many = _number(len(files) - skipped, "file", "files")
    if not total:
        return f"{_place(start, root)} holds no text file{_quote_all(given['pattern'].split())}."
    note = f" {_number(skipped, 'file', 'files')} could not be read as text." if skipped else ""
    said = f"{many}{_quote_all(given['pattern'].split())} below {_below(start, root)}: {_sum_up(total, what)} in all"
    return f"{said}.{note}{_describe_left_out(walk)}"


def _count_entries(given: Mapping[str, Any], start: Path, root: Path, *, folders: bool) -> str:
    if not is_folder(start, root):
        raise ToolFailure(f"{format_path(start, root)} is a file, not a folder")
    walk, patterns = Walk(root, start), given.get("pattern", "").split()
    found = [
        p for p in walk if _fits(p, patterns) and (is_folder(p, root) if folders else regular(p, root) is not None)
    ]
    direct = sum(1 for p in found if p.parent == start)
    one, many = ("folder", "folders") if folders else ("file", "files")
    said = f"{_place(start, root)} holds {_number(direct, one, many)}{_quote_all(patterns)}"
    deep = f", and {len(found)} with all its sub-folders" if len(found) != direct else ""
    return f"{said}{deep}.{_describe_left_out(walk)}"


def _count_file(path: Path, root: Path, what: str) -> dict[str, int]:
    facts = regular(path, root)
    if what == "bytes" and facts:
        return {"bytes": facts.st_size}
    return _text.counts(_text.content(path, format_path(path, root), root), facts.st_size if facts else 0)


def _sum_up(counts: Mapping[str, int], what: str) -> str:
    names = ("lines", "words", "bytes") if what == "all" else (what,)
    parts = [_number(counts[n], n[:-1], n) for n in names]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _fits(path: Path, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatch(path.name, p) or fnmatch(path.as_posix(), f"*/{p}") for p in patterns)


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _place(folder: Path, root: Path) -> str:
    return "The working directory" if folder == root else f"The folder {format_path(folder, root)}"


def _below(folder: Path, root: Path) -> str:
    return "the working directory" if folder == root else format_path(folder, root)


def _quote_all(patterns: Sequence[str]) -> str:
    return f" named `{' '.join(patterns)}`" if patterns else ""


def _describe_left_out(walk: Walk) -> str:
    notes = [f" ({walk.closed} hidden left out)"] if walk.closed else []
    return "".join([*notes, *([" There was more than can be looked at; this is a part."] if walk.cut else [])])


_ACTIONS: Mapping[str, Callable[[Mapping[str, Any], Path], str | ToolOutput]] = {
    "list": _list,
    "read": _read,
    "count": _count,
}


@frozen
class Files(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "read"

    def resource(self, arguments: Mapping[str, Any]) -> str:
        return str(arguments.get("path") or ".")

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str | ToolOutput:
        given = check_arguments(self.spec, arguments)
        return await asyncio.to_thread(_ACTIONS[given["action"]], given, real(call.root))


TOOL = Files()
