"""Reads the shipped guides: sections with their headings, and alternative wordings of the headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from pathlib import Path

from ralph.core.data import Data, frozen

QUESTIONS = "questions.md"
_PACKAGE = Path(__file__).resolve().parent.parent
_HEADING = re.compile(r"(#{1,4}) +(.+)")
_ALSO = "<!-- also: "
_ALONE = "<!-- alone: "


@frozen
class Section(Data):
    """A heading with its text.

    `guide` is the title of the page and `file` its name. `also` holds other wordings of the question, never shown.
    `alone` holds those that are also answered as a whole message without the form of a question: `dark mode`.
    """

    guide: str
    heading: str
    text: str
    file: str = ""
    also: tuple[str, ...] = field(default=())
    alone: tuple[str, ...] = field(default=())


def shelf() -> tuple[Path, ...]:
    """Return the paths of the guides: those in the package, else those of the surrounding checkout."""
    readme = _PACKAGE.parent / "README.md"
    own = readme.is_file() and (_PACKAGE.parent / "docs").is_dir()  # not the README of another project
    return (*sorted(_folder().glob("*.md")), *([readme] if own else []))


def _folder() -> Path:
    shipped = _PACKAGE / "data" / "docs"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "docs"


def sections(paths: tuple[Path, ...]) -> Iterator[Section]:
    """Yield every section of these guides. Headings inside code blocks are ignored."""
    for path in paths:
        guide, heading, lines, code = path.stem, "", list[str](), False
        for line in path.read_text(encoding="utf-8").splitlines():
            code ^= line.startswith("```")
            found = None if code else _HEADING.match(line)
            if not found:
                lines.append(line)
                continue
            yield _section(guide, heading, "\n".join(lines).strip(), path.name)
            heading, lines = found[2].strip(), []
            guide = heading if len(found[1]) == 1 else guide
        yield _section(guide, heading, "\n".join(lines).strip(), path.name)


def _section(guide: str, heading: str, text: str, file: str) -> Section:
    also, text = _split_comment(text, _ALSO)
    alone, text = _split_comment(text, _ALONE)
    return Section(guide, heading, text, file, also, alone)


def _split_comment(text: str, opening: str) -> tuple[tuple[str, ...], str]:
    """Return the wordings of the comment at the start of the text, and the text after it."""
    if not text.startswith(opening):
        return (), text
    said, _, rest = text.removeprefix(opening).partition("-->")
    return tuple(" ".join(said.split()).split("; ")), rest.strip()


@lru_cache(maxsize=1)
def questions() -> tuple[Section, ...]:
    """Return the sections that each answer one question; none if the guides are missing."""
    path = _folder() / QUESTIONS
    if not path.is_file():
        return ()
    # Not by `sections`, which reads line by line: a question about anything else waits for this.
    title, *parts = path.read_text(encoding="utf-8").split("\n## ")
    guide = title.partition("\n")[0].removeprefix("# ")
    split = (part.partition("\n") for part in parts)
    return tuple(_section(guide, heading, text.strip(), path.name) for heading, _, text in split)
