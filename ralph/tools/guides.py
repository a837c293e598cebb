"""The tool that searches ralph's own guides."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from ralph import registry
from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, ToolCall, ToolFailure
from ralph.core.ports.face import Command
from ralph.language.sentence import words
from ralph.rules.guide_index import guide_index
from ralph.rules.guide_names import default_keys, find_setting
from ralph.rules.guide_pages import Section, questions, sections, shelf
from ralph.rules.guide_words import read
from ralph.tools._arguments import check_arguments

_SPEC = ToolSpec(
    "guides",
    "Looks up ralph's own documentation (this program: set-up, providers, keys, configuration, routing, tools, costs, "
    "exit codes, timelines, commands) and gives the sections that fit the words of `query` best.",
    {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "a question or a few words: exit codes, connect a provider"},
            "sections": {"type": "integer", "minimum": 1, "maximum": 5},
        },
        "required": ["query"],
        "additionalProperties": False,
    },
)
_SMALL = words("the a an of in on to for and or is are what how do does i it my with ralph who")
_MAX_CHARACTERS = 6000
_MAX_RELATED = 4
_COMMAND = re.compile(r"(?<![\w./])/([a-z]+)\b(?!/)")
_KEY = re.compile(r"\b(?:(?:Ctrl|Alt|Shift)\+\w+|F\d+|Esc|PageUp\b|the key `.`)")
_VERB = re.compile(r"`(ralph\s+[a-z]+)\b")
_DEFAULTS = "Keys are named by their defaults; `/keys` lists yours."


def look_up(query: str, count: int) -> str:
    """Return the entry of a name, else the best sections of the guides, each with its heading.

    Raises `ToolFailure` if the guides say nothing about the query.
    """
    if told := _entry(query.strip()):
        return told
    first = _question(query)
    if first and count == 1:
        return _answer(first)
    best = [s for s in _best(query, count) if s != first]
    if not best and not first:
        raise ToolFailure(f"ralph's guides say nothing about '{query[:60]}'")
    return "\n\n".join([*([_answer(first)] if first else []), *(_format_section(s) for s in best)][:count])


def _question(query: str) -> Section | None:
    """Return the section that answers this question, if one stands out."""
    same = query.strip().casefold()
    if found := next((s for s in questions() if s.heading.casefold() == same), None):
        return found
    hit = guide_index().best(read(query))
    return hit.section if hit and hit.clear else None


def _answer(section: Section) -> str:
    """Return the section's text, its place in the guides, and the commands that it names."""
    related = [_signature(c) for c in _commands(section.text)] or [f"`{verb} --help`" for verb in _verbs(section.text)]
    keys = [_DEFAULTS] if _KEY.search(section.text) else []
    also = [f"Related: {' · '.join(related)}"] if related else []
    parts = [f"**{section.heading}**", section.text, *also, *keys, f"From the guide “{section.guide}”."]
    return "\n\n".join(parts)


def _commands(text: str) -> list[Command]:
    names = [n for n in dict.fromkeys(_COMMAND.findall(text)) if n in registry.builtin_names("commands")]
    return [registry.load("commands", name) for name in names[:_MAX_RELATED]]


def _verbs(text: str) -> list[str]:
    return list(dict.fromkeys(" ".join(found.split()) for found in _VERB.findall(text)))[:_MAX_RELATED]


def _signature(command: Command) -> str:
    return f"`/{command.name}` ({command.summary})"


def _entry(name: str) -> str:
    """Return the entry of a command, a flag, or a key of the keyboard or the configuration; else an empty text."""
    if name.startswith("/"):
        return _command_entry(name)
    if key := default_keys().get(name.casefold()):
        return f"**{key[0]}**\n\n{key[0]}: {key[1]}.\n\n{_DEFAULTS} `ui: {{keys: …}}` in the configuration maps others."
    if name.startswith("--"):
        found = _mentions(name)
        return f"**{name}**\n\n{_answer(found)}" if found else ""
    setting = find_setting(name) if re.search(r"[._]", name) else None
    if not setting:
        return ""
    told = f": {setting.comment}" if setting.comment else ""
    default = f" (default `{setting.default}`)" if setting.default else ""
    where = (
        "A key of the configuration file; `ralph config path` says where that is, `ralph config show` what holds now."
    )
    return f"**{setting.key}**\n\n`{setting.key}`{default}{told}.\n\n{where}"


def _command_entry(name: str) -> str:
    commands = (registry.load("commands", known) for known in registry.builtin_names("commands"))
    command = next((c for c in commands if name[1:] in (c.name, *c.aliases)), None)
    if not command:
        return ""
    also = f" Also {', '.join(f'`/{a}`' for a in command.aliases if a.isalpha())}." if command.aliases else ""
    found = _mentions(f"/{command.name}")
    more = f"\n\n{_answer(found)}" if found else ""
    usage = f"/{command.name} {command.usage}".strip()
    return f"**{usage}**\n\n`{usage}`: {command.summary}.{also}{more}"


def _mentions(name: str) -> Section | None:
    """Return the section that has this name as a question, else the one that names it before any other name."""
    named = re.compile(rf"(?<![\w./-]){re.escape(name)}(?![\w-])")
    found = [s for s in questions() if named.search(s.text)]
    asked = [s for s in found if any(named.search(said) for said in s.also)]
    return min(asked or found, key=lambda s: s.text.index(name), default=None)


def _best(query: str, count: int) -> list[Section]:
    sought = [w for w in _stems(query) if w != "ralph"] or ["ralph"]
    scored = [(_score(s, query, sought), s) for s in sections(shelf()) if not s.also]
    scored.sort(key=lambda pair: -pair[0])
    return [s for score, s in scored[:count] if score >= max(1.5, scored[0][0] / 2)]


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


def _format_section(section: Section) -> str:
    where = section.guide if section.guide == section.heading else f"{section.guide}: {section.heading}"
    return f"**{where}**\n\n{section.text[:_MAX_CHARACTERS]}"


@frozen
class Guides(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "none"

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str:
        given = check_arguments(self.spec, arguments)
        if not given["query"].strip():
            raise ToolFailure("guides needs some words to look up")
        return await asyncio.to_thread(look_up, given["query"], given.get("sections", 1))


TOOL = Guides()
