"""Finds the files and folders that a question names, and rejects words that only look like paths."""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_PATHS = 5

PATH = r"(?:\"[^\"]{1,120}\"|'[^']{1,120}'|`[^`]{1,120}`|[^\s,;:?\"'`]{1,160})"
HERE = (
    r"here|in here|(?:in|of|inside|under|within|from) (?:this|the|my|the current|the present|the working) "
    r"(?:folder|directory|dir|working directory|project|repo|repository|codebase|tree)"
)
# Slots and phrase parts for questions about places. A folder is `named` or `marked` as one, or `plain`.
FOLDER_SLOTS = ("named", "marked", "plain", "slashed")
KIND = r"[a-z+]{1,12}|\.[a-z0-9]{1,8}|[\w*?-]*\*[\w*?.-]*"
SLOTS = {"named": PATH, "marked": PATH, "plain": PATH, "slashed": r"[^\s,;:?\"'`]{1,100}/", "kind": KIND}
PARTS = {
    "here": HERE.replace("(?:", "(").replace("?", ""),
    "in folder": "(in|of|inside|under|within|from|below) [the] "
    "((folder|directory|dir|subfolder) [called|named] {named}|{marked} (folder|directory|dir|subfolder)|{plain})",
    "in marked folder": "(in|inside|under) [the] "
    "((folder|directory|dir|subfolder) [called|named] {named}|{marked} (folder|directory|dir|subfolder)|{slashed})",
}
_QUOTED = re.compile(r"([\"'`])(.+)\1")
_ENDED = re.compile(r"[\w@+~()\-. /]*[\w)]\.(?P<ending>[A-Za-z][A-Za-z0-9]{0,7}|7z|mp[34])")
_NAMES = frozenset(
    ("readme", "license", "licence", "makefile", "dockerfile", "changelog", "contributing", "notice", "procfile",
     "gemfile",
     "justfile", "authors", "rakefile", "vagrantfile", "jenkinsfile", "codeowners", "todo.txt")
)  # fmt: skip
_FOLDERS = frozenset(
    ("src", "docs", "doc", "test", "tests", "lib", "libs", "bin", "data", "scripts", "examples", "example", "config",
     "build", "dist", "assets", "static", "templates", "themes", "tools", "include", "notes", "logs", "images",
     "public")
)  # fmt: skip
# Addresses and product names, which look like files.
_NOT_ENDINGS = frozenset(
    ("com", "org", "net", "io", "ai", "dev", "edu", "gov", "uk", "de", "fr", "eu", "us", "app", "me", "info")
)
_NOT_FILES = frozenset(("node.js", "next.js", "vue.js", "react.js", "three.js", "d3.js", "express.js", "nuxt.js",
"asp.net", "ember.js",
                        "backbone.js", "angular.js", "discord.py", "e.g", "i.e", "u.s", "u.k", "p.s", "a.m", "p.m",
                        "ph.d"))  # fmt: skip
_NO_FOLDER = frozenset(
    (
        "this",
        "that",
        "the",
        "my",
        "a",
        "an",
        "current",
        "same",
        "parent",
        "which",
        "what",
        "each",
        "every",
        "your",
        "working",
        "it",
        "system",
    )
)


def strip_quotes(text: str) -> str:
    """Return the text without surrounding quotes."""
    found = _QUOTED.fullmatch(text.strip())
    return found[2] if found else text.strip()


def is_quoted(text: str) -> bool:
    return _QUOTED.fullmatch(text.strip()) is not None


def file(text: str) -> str | None:
    """Return the path if the text is certainly one: quoted with an ending or a slash, or in the form of a file name."""
    path = strip_quotes(text)
    lower = path.lower()
    spaced = " " in path and not is_quoted(text)
    if spaced or "://" in path or lower.startswith("www.") or lower in _NOT_FILES or "*" in path:
        return None
    if lower in _NAMES or re.fullmatch(r"\.[a-z][\w.-]+", lower):
        return path
    found = _ENDED.fullmatch(path)
    short = found and len(found["ending"]) == 1 and not re.search("[A-Za-z]", path[:-1])
    if found and not short and found["ending"].lower() not in _NOT_ENDINGS:
        return path
    explicit = path.startswith(("./", "../", "/", "~/")) and len(path) > 2
    return path if explicit and re.fullmatch(r"[\w@+~.\-/ ]+", path) else None


def files(text: str) -> tuple[str, ...]:
    """Return the paths of a list in prose; none if one item is not a path."""
    parts = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", text.strip())
    found = [file(_bare(part)) for part in parts]
    return tuple(p for p in found if p) if None not in found and len(found) <= MAX_PATHS else ()


def _bare(text: str) -> str:
    text = re.sub(
        r"^(?:the |my |both )?(?:text |source |markdown |log )?(?:files? |document |script )?(?:called |named )?",
        "",
        text,
        flags=re.IGNORECASE,
    )
    return re.sub(r" file$", "", text, flags=re.IGNORECASE)


def one(text: str) -> str | None:
    """Return the single path, which may follow words like `the file`."""
    found = files(text)
    return found[0] if len(found) == 1 else None


def folder(text: str, *, marked: bool) -> str | None:
    """Return the path of a folder. `marked`: the question calls it a folder, so any plain name is accepted."""
    path = strip_quotes(text).rstrip("/") or "/"
    if not re.fullmatch(r"[\w@+~.\-/ ]{1,100}", path) or path.lower() in _NO_FOLDER:
        return None
    certain = (
        text.strip().endswith("/")
        or path.startswith(("./", "../", "/", "~/"))
        or path.lower() in _FOLDERS
        or path == "."
    )
    return path if marked or certain or is_quoted(text) else None


def folder_of(groups: Mapping[str, str | None]) -> str | None:
    """Return the folder that a phrase captured; None if none is certain."""
    for slot in FOLDER_SLOTS:
        text = groups.get(slot)
        if text:
            return folder(text, marked=slot in ("named", "marked"))
    return None


_KINDS = {
    "python": "*.py", "py": "*.py", "markdown": "*.md", "md": "*.md", "text": "*.txt", "txt": "*.txt",
    "javascript": "*.js *.mjs *.cjs", "js": "*.js", "typescript": "*.ts *.tsx", "ts": "*.ts", "rust": "*.rs",
    "go": "*.go",
    "java": "*.java", "c": "*.c", "c++": "*.cpp *.cc *.cxx *.hpp", "header": "*.h *.hpp", "yaml": "*.yaml *.yml",
    "yml": "*.yml", "json": "*.json", "jsonl": "*.jsonl", "toml": "*.toml", "xml": "*.xml", "html": "*.html *.htm",
    "css": "*.css", "csv": "*.csv", "sql": "*.sql", "shell": "*.sh", "bash": "*.sh", "ruby": "*.rb", "php": "*.php",
    "swift": "*.swift", "kotlin": "*.kt", "pdf": "*.pdf", "log": "*.log", "ini": "*.ini", "lua": "*.lua",
    "image": "*.png *.jpg *.jpeg *.gif *.svg *.webp", "png": "*.png", "svg": "*.svg", "notebook": "*.ipynb",
}  # fmt: skip


def is_kind(ending: str) -> bool:
    """Return whether files of a known kind have this ending: `.py`, `.toml`."""
    return any(f"*{ending}" in globs.split() for globs in _KINDS.values())


def pattern(kind: str | None) -> str | None:
    """Return the globs of a kind of file; `python`, `.py` and `*.py` are equal. None for an unknown kind."""
    if not kind:
        return None
    kind = strip_quotes(kind)
    if "*" in kind:
        return kind if re.fullmatch(r"[\w*?.\-]+", kind) else None
    return f"*{kind.lower()}" if kind.startswith(".") else _KINDS.get(kind.lower())
