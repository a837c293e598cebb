"""The tool that looks things up in ralph's own guides."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, ToolCall, ToolFailure
from ralph.language.sentence import words
from ralph.tools._arguments import checked

_SPEC = ToolSpec(
    "guides",
    "Looks up ralph's own documentation (this program: set-up, providers, keys, configuration, routing, tools, costs, "
    "exit codes, timelines, commands) and gives the sections that fit the words of `query` best.",
    {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "a few words: exit codes, connect a provider"},
            "sections": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["query"],
        "additionalProperties": False,
    },
)
_SMALL = words("the a an of in on to for and or is are what how do does i it my with ralph who")
_HEADING = re.compile(r"(#{1,4}) +(.+)")
_PACKAGE = Path(__file__).resolve().parent.parent
_MAX_CHARACTERS = 6000


@frozen
class Section(Data):
    """A heading with what stands under it, and the guide that it is from."""

    guide: str
    heading: str
    text: str


def shelf() -> tuple[Path, ...]:
    """The guides: those shipped in the package, else those of the checkout that it lies in."""
    shipped = _PACKAGE / "data" / "docs"
    folder = shipped if shipped.is_dir() else _PACKAGE.parent / "docs"
    readme = _PACKAGE.parent / "README.md"
    own = readme.is_file() and (_PACKAGE.parent / "docs").is_dir()  # not the README of some other project
    return (*sorted(folder.glob("*.md")), *([readme] if own else []))


def sections(paths: tuple[Path, ...]) -> Iterator[Section]:
    """Every section of these guides. Code blocks are not looked into for headings."""
    for path in paths:
        guide, heading, lines, code = path.stem, "", list[str](), False
        for line in path.read_text(encoding="utf-8").splitlines():
            code ^= line.startswith("```")
            found = None if code else _HEADING.match(line)
            if not found:
                lines.append(line)
                continue
            yield Section(guide, heading, "\n".join(lines).strip())
            heading, lines = found[2].strip(), []
            guide = heading if len(found[1]) == 1 else guide
        yield Section(guide, heading, "\n".join(lines).strip())


def _score(section: Section, query: str, sought: list[str]) -> float:
    heading = _stems(section.heading)
    title, body = _stems(section.guide), _stems(section.text)
    total = 20.0 if query.strip().lower() == section.heading.lower() else 0.0
    for word in sought:
        total += 8 * heading.count(word) / max(1, len(heading)) ** 0.5 + 2 * (word in heading) + (word in title)
        total += min(3, body.count(word)) * 0.5
    return total if section.text else 0.0


def _stems(text: str) -> list[str]:
    found = re.findall(r"[a-z0-9_]+", text.lower())
    return [w.removesuffix("s") if len(w) > 3 else w for w in found if w not in _SMALL or w == "ralph"]


def look_up(query: str, count: int) -> str:
    """The best sections, each with its heading. Raises `ToolFailure` where the guides say nothing about it."""
    sought = [w for w in _stems(query) if w != "ralph"] or ["ralph"]
    scored = [(_score(s, query, sought), s) for s in sections(shelf())]
    scored.sort(key=lambda pair: -pair[0])
    best = [s for score, s in scored[:count] if score >= max(1.5, scored[0][0] / 2)]
    if not best:
        raise ToolFailure(f"ralph's guides say nothing about '{query[:60]}'")
    return "\n\n".join(_told(s) for s in best)


def _told(section: Section) -> str:
    where = section.guide if section.guide == section.heading else f"{section.guide}: {section.heading}"
    text = section.text[:_MAX_CHARACTERS]
    return f"**{where}**\n\n{text}"


@frozen
class Guides(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "none"

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str:
        given = checked(self.spec, arguments)
        if not given["query"].strip():
            raise ToolFailure("guides needs some words to look up")
        return await asyncio.to_thread(look_up, given["query"], given.get("sections", 1))


TOOL = Guides()
