"""Recognises questions that look for text in files, or for files by name."""

from __future__ import annotations

import re
from collections.abc import Callable

from ralph.language.sentence import words
from ralph.rules import paths
from ralph.rules.phrases import Phrasebook
from ralph.rules.plan import Match, one

_Groups = dict[str, str | None]
_Read = Callable[[_Groups], Match | None]

_MAX_LENGTH = 260
_BOOK = Phrasebook(
    slots={
        **paths.SLOTS,
        "text": r"\"[^\"]{1,100}\"|'[^']{1,100}'|`[^`]{1,100}`|[^\s\"'`?,;]{1,60}",
        "literally": r"(?:exact )?(?:word|words|text|string|phrase|term|letters)",
        "path": rf"(?:the )?(?:file )?{paths.PATH}(?: file)?",
        "called": r"named|called|matching|whose name contains|with the name|with names like",
        "anywhere": rf"{paths.HERE}|in (?:any|all|the|my|these)(?: of the| of my)? files(?: here)?",
        "name": paths.PATH,
        "flag": r"-[a-zA-Z]{1,6}",
    },
    parts={
        **paths.PARTS,
        "contain": "contain|contains|mention|mentions|include|includes|hold|holds|containing|mentioning|with",
        "the text": "[the|a|any|every|all] [{literally}] {text}",
        "in files": "{anywhere}|in [all] [the|my|any] {kind} files [<here>]|(in|inside|of|within|across|through) "
        "{path}|<in folder>",
        "find": "find|locate|search for|look for|list|show",
        "occurrences": "occurrences of|instances of|mentions of|lines [that] (with|containing|contain|mentioning)",
    },
)
# Words whose meaning people search for, not their letters; in quotes they are text.
_MEANINGS = words(
    "bug bugs error errors mistake mistakes typo typos problem problems issue issues vulnerability vulnerabilities "
    "duplicate duplicates secret secrets password passwords code function functions class classes method methods test "
    "tests variable variables imports import comment comments it them that this these those something anything "
    "everything nothing me you us information info facts data examples example answer answers way ways how why what "
    "where who meaning evidence clues patterns pattern security flaws flaw anomalies outliers warnings dead unused "
    "images pictures text words numbers names dates emails links urls addresses primes spelling grammar "
    "inconsistencies contradictions all any some more most"
)
# Written like names in programs, so the question can only mean text in files.
_IDENTIFIER = re.compile(r"\w_\w|[a-z][A-Z]|\(\)")
_UNLIKE_WORDS = re.compile(r"[A-Z]{2}|[_\d@#$:=()<>/.]|[a-z][A-Z]")


def _read_text(groups: _Groups, *, strict: bool) -> str | None:
    """Return the text to look for. Without quotes it must be a single word that is meant literally.

    `strict`: it must not look like an ordinary word (`TODO` and `max_size` pass), unless the question calls it text.
    """
    written = groups["text"] or ""
    text = paths.strip_quotes(written)
    if paths.is_quoted(written) or groups.get("literally"):
        return text
    if text.lower() in _MEANINGS or len(text) < 2:
        return None
    return text if _UNLIKE_WORDS.search(text) or not strict else None


def _place(groups: _Groups) -> dict[str, str] | None:
    """Return the arguments for the place to search; None if it is not understood."""
    kind, path = groups.get("kind"), groups.get("path") or ""
    if kind or "*" in path:
        pattern = paths.pattern(kind or path)
        return {"pattern": pattern} if pattern else None
    if path:
        found = paths.one(path) or paths.folder(re.sub(r"^the ", "", path), marked=False)
        return {"path": found} if found else None
    if any(groups.get(slot) for slot in paths.FOLDER_SLOTS):
        folder = paths.folder_of(groups)
        return {"path": folder} if folder else None
    return {}


def _search(report: str | None = None, *, strict: bool = False, somewhere: bool = False) -> _Read:
    """Build the reader. `somewhere`: the question must name a place or put the text in quotes to be about files."""

    def read(groups: _Groups) -> Match | None:
        text, place = _read_text(groups, strict=strict), _place(groups)
        written = groups["text"] or ""
        told = place or groups.get("anywhere") or paths.is_quoted(written) or _IDENTIFIER.search(written)
        if text is None or place is None or (somewhere and not told):
            return None
        return _files(text=text, report=report, **place)

    return read


def _in_file(groups: _Groups) -> Match | None:
    """Match a search in one file. `does data contain bias` is not about a file, so a bare word is not accepted here."""
    return _search()(groups) if paths.one(groups["path"] or "") else None


def _files(**arguments: str | None) -> Match:
    return one("files", "a search in files", "search_files", **arguments)


def _match_name(groups: _Groups) -> Match | None:
    name = paths.strip_quotes(groups["name"] or "")
    known = groups.get("called") or paths.file(name) or ("*" in name and paths.pattern(name))
    return _files(name=name) if known and re.fullmatch(r"[\w@+~.\-*?/ ]{1,100}", name) else None


def _of_kind(groups: _Groups) -> Match | None:
    pattern = paths.pattern(groups["kind"])
    return (
        one("files", "a search in files", "files", action="list", pattern=pattern, recursive=True) if pattern else None
    )


_PHRASES: tuple[tuple[str, _Read], ...] = (
    # text in files
    ("(which|what|list|list the|list all|find|find all|find the|show|show me the) (file|files) [here] [that|which] "
     "<contain> <the text> [<in files>]", _search("files")),
    ("(which|what) lines (of|in) {path} <contain> <the text>", _in_file),
    ("(does|do) any [of the|of these] (file|files) [here] <contain> <the text> [<in files>]", _search("files")),
    ("how many files <contain> <the text> [<in files>]", _search("files")),
    ("how many lines in {path} <contain> <the text>", _search("count")),
    ("(how many|count [the]) lines [that] <contain> <the text> [<in files>]", _search("count", somewhere=True)),
    ("how (many times|often) (does|is|do) <the text> (appear|occur|mentioned|show up|come up|used|found) [<in files>]",
     _search("count", somewhere=True)),
    ("(count|how many) [the|are the] (occurrences|instances|mentions) of <the text> [are there] [<in files>]",
     _search("count", somewhere=True)),
    ("(<find>|show me|print) [me] [all] [the] <occurrences> <the text> [<in files>]", _search(somewhere=True)),
    ("(search|look) [for] <the text> [<in files>]", _search(somewhere=True)),
    ("find [all] <the text> [<in files>]", _search(strict=True, somewhere=True)),
    ("search [in|through] ([the|all|my|these|all the] files [here]|<here>|this (folder|directory|project|repo)|"
     "the (project|repo|codebase|code)|{path}) for <the text>", _search()),
    ("grep [{flag}] {text} [[in] {path}] [.]", _search()),
    ("where (is|are|does) <the text> (mentioned|used|found|defined|appear|occur) [<in files>]",
     _search(somewhere=True)),
    ("does {path} (contain|mention|include|have|hold) <the text>", _in_file),
    ("is <the text> [mentioned|found|anywhere] in {path}", _in_file),
    # files by name
    ("<find> [me] [all|any|the|a] (file|files|folder|folders|directory|directories) [that are] {called} {name}",
     _match_name),
    ("(find|locate|search for|look for) [me] [all] [of] [the] {name} [file|files] [<here>]", _match_name),
    ("(find|locate|search for|look for) [me] [all|all the|the|any] {kind} files [<here>]", _of_kind),
    ("(where is|where's) [the] [file] {name} [<here>]", _match_name),
    ("(is there|are there|do i have|do we have) [a|an|any] (file|files|folder|folders|directory) {called} {name} "
     "[<here>]", _match_name),
    ("(is there|do i have|do we have) [a|an] {name} [file] [<here>]", _match_name),
    ("does [the] [file] {name} exist [<here>]", _match_name),
)  # fmt: skip
_FORMS = tuple((_BOOK.phrase(text), read) for text, read in _PHRASES)


def match(text: str) -> Match | None:
    """Return a `search_files` call if the whole text asks for one."""
    if len(text) > _MAX_LENGTH:
        return None
    found = ((read, groups) for phrase, read in _FORMS if (groups := phrase.match(text)) is not None)
    return next((made for read, groups in found if (made := read(groups))), None)
