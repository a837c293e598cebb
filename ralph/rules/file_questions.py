"""Recognises questions that list, read or count files."""

from __future__ import annotations

import re
from collections.abc import Callable

from ralph.language.numerals import read as number_in_words
from ralph.rules import paths
from ralph.rules.phrases import Phrasebook
from ralph.rules.plan import Match, PlannedCall, one

_Groups = dict[str, str | None]
_Read = Callable[[_Groups], Match | None]

_MAX_LENGTH = 260
_BOOK = Phrasebook(
    slots={
        **paths.SLOTS,
        "paths": r".{1,200}?",
        "path": rf"(?:the |my )?(?:(?:text |source |log )?(?:file|document|script) )?(?:called |named "
        rf")?{paths.PATH}(?: file)?",
        "entries": r"files|folders|directories|subfolders|subdirectories|sub-folders",
        "what": r"lines?|words?|characters?|chars|bytes",
        "whats": r"(?:lines|words|bytes)(?:(?:,| and|, and) (?:lines|words|bytes))+",
        "flag": r"-[lwc]",
        "line": r"\d{1,6}",
        "n": r"-?(?:\d{1,4}|[a-z]{3,9})",
        "rank": r"largest|biggest|newest|latest|most recent|last (?:modified|changed)|most recently "
        r"(?:modified|changed)",
    },
    parts={
        **paths.PARTS,
        "what is": "what is|what's|what are",
        "how many": "[what is|what's] [the] number of|how many|count [up] [all] [the] [number of]",
        "show": "read|show|show me|print|display|cat|open|view|output|type|dump|let me see|see|give me",
        "list": "list|show|show me|display|print|name|give me|see",
        "are there": "[are|is] [there]|do i have|do we have|exist|can you see",
    },
)


def _files(action: str, **arguments: str | int | bool | None) -> Match:
    return one("files", "a question about files", "files", action=action, **arguments)


def _place(groups: _Groups) -> dict[str, str] | None:
    """Return the folder and the globs that the question names; None if one of them is not understood."""
    found = {}
    if any(groups.get(slot) for slot in paths.FOLDER_SLOTS):
        found["path"] = paths.folder_of(groups)
    if groups.get("kind"):
        found["pattern"] = paths.pattern(groups["kind"])
    return None if None in found.values() else {name: value for name, value in found.items() if value}


def _list(groups: _Groups) -> Match | None:
    place = _place(groups)
    if place is None:
        return None
    return _files("list", recursive=True if "pattern" in place else None, **place)


def _match_rank(groups: _Groups) -> Match | None:
    place, rank = _place(groups), (groups["rank"] or "").lower()
    if place is None:
        return None
    return _files("list", recursive=True, sort="size" if rank in ("largest", "biggest") else "time", count=1, **place)


def _count_entries(groups: _Groups) -> Match | None:
    place = _place(groups)
    what = "files" if (groups["entries"] or "").lower() == "files" else "folders"
    return _files("count", what=what, **place) if place is not None else None


def _count_in_kind(groups: _Groups) -> Match | None:
    place = _place(groups)
    return _files("count", what=_what(groups.get("what")), **place) if place and "pattern" in place else None


def _what(text: str | None) -> str:
    word = (text or "").lower()
    return next((f"{name}s" for name in ("line", "word", "character", "byte") if name[:4] in word), "all")


def _count(what: str | None = None) -> _Read:
    def read(groups: _Groups) -> Match | None:
        found = paths.files(groups["paths"] or "")
        if not found:
            return None
        counted = what or ("all" if groups.get("whats") else _what(groups.get("what")))
        calls = tuple(PlannedCall("files", {"action": "count", "path": path, "what": counted}) for path in found)
        return Match(calls, "files", "a question about files")

    return read


def _word_count(groups: _Groups) -> Match | None:
    """Match a count in the words of the program `wc`: `wc -l notes.txt`."""
    what = {"-l": "lines", "-w": "words", "-c": "bytes"}.get(groups.get("flag") or "")
    return _count(what)(groups)


def _read(groups: _Groups) -> Match | None:
    path = paths.one(groups["path"] or "")
    return _files("read", path=path) if path else None


def _read_or_list(groups: _Groups) -> Match | None:
    folder = paths.folder(re.sub(r"^the ", "", groups["path"] or ""), marked=False)
    return _read(groups) or (_files("list", path=folder) if folder else None)


def _lines(end: str, default: int = 1) -> _Read:
    def read(groups: _Groups) -> Match | None:
        path, text = paths.one(groups["path"] or ""), (groups.get("n") or "").lstrip("-").lower()
        count = int(text) if text.isdigit() else number_in_words(text) if text else default
        if not path or not count or not 1 <= count <= 1000:
            return None
        return _files("read", path=path, count=count, **{"from": end})

    return read


def _line(groups: _Groups) -> Match | None:
    path = paths.one(groups["path"] or "")
    return _files("read", path=path, line=int(groups["line"] or 1), count=1) if path else None


_PHRASES: tuple[tuple[str, _Read], ...] = (
    # what there is
    ("<list> [all] [of] [the|my] [{kind}] (files|files and folders|directory contents|folder "
     "contents|contents|file names) "
     "[that are|there are|available|you can see] [<here>|<in folder>]", _list),
    ("(list|show|show me|display) [the] [contents of] ((this|the current|the working) (folder|directory))",
     _list),
    ("(list|show|show me) [the] [contents of|files in] [the] (folder|directory) {named}", _list),
    ("(what|which) [are] [the] [{kind}] files [and folders] [<are there>] [<here>|<in folder>]", _list),
    ("(what|what is|what's|what are) [there] (<here>|<in marked folder>)", _list),
    ("(ls|dir) [{plain}]", _list),
    ("list [files] {plain}", _list),
    ("(<what is>|which is|which file is|find|show me|show|name) [the] {rank} [{kind}] file [<here>|<in folder>]",
     _match_rank),
    ("which [{kind}] file [<here>|<in folder>] is [the] {rank}", _match_rank),
    # how many there are
    ("<how many> [{kind}] {entries} [<are there>] [<here>|<in folder>] [in total|altogether|in all]", _count_entries),
    ("<how many> {entries} (does|do|has|have) [the] ((folder|directory) {named}|{marked} (folder|directory)|"
     "(this|the current|the working) (folder|directory)) [have|contain|hold]", _count_entries),
    ("<how many> {what} [of code|of text] [are|is] [there] (in|do|have|across) [all] [of] [the|my] {kind} files "
     "[have|contain] [<here>|<in folder>]", _count_in_kind),
    ("<how many> {what} of {kind} [code] [<are there>] [<here>|<in folder>]", _count_in_kind),
    ("<how many> ({what}|{whats}) [of code|of text] [are|is] [there] "
     "(in|of|does|do|has|have|inside|for|is|are) {paths} "
     "[have|contain|has|hold|got|altogether|in total]", _count()),
    ("[<what is>] [the] {what} count (of|for|in) {paths}", _count()),
    ("[<what is>] [the] [file] size [in bytes] of {paths} [in bytes]", _count("bytes")),
    ("how (big|large) (is|are) {paths} [in bytes]", _count("bytes")),
    ("[<what is>] [the] length of {paths}", _count()),
    ("how long (is|are) {paths}", _count()),
    ("wc [{flag}] {paths}", _word_count),
    # what is in them
    ("[<show>|<what is>] [the] (first|top) [{n}] (line|lines) (of|in|from) {path}", _lines("start")),
    ("[<show>|<what is>] [the] (last|bottom|final) [{n}] (line|lines) (of|in|from) {path}", _lines("end")),
    ("[<show>|<what is>] [on|at] line {line} (of|in|from) {path}", _line),
    ("head [-n] [{n}] {path}", _lines("start", default=10)),
    ("tail [-n] [{n}] {path}", _lines("end", default=10)),
    ("<show> [me] [the] [whole|full] [contents of|content of|text of|content in] {path} [to me|aloud|to the screen]",
     _read),
    ("<what is> [the] [written|stored] (in|inside|contents of|content of) {path}", _read_or_list),
    ("what does {path} (say|contain|hold|look like)", _read),
    ("[the] (contents|content) of {path}", _read),
)  # fmt: skip
_FORMS = tuple((_BOOK.phrase(text), read) for text, read in _PHRASES)


def match(text: str) -> Match | None:
    """Return `files` calls if the whole text asks for nothing else."""
    if len(text) > _MAX_LENGTH:
        return None
    found = ((read, groups) for phrase, read in _FORMS if (groups := phrase.match(text)) is not None)
    return next((made for read, groups in found if (made := read(groups))), None)
