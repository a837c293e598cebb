"""`/connect`: enters, tries and keeps a key, or looks again for local servers. No restart is needed."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._connecting import SERVERS
from ralph.commands._dispatch import verbatim
from ralph.core.errors import Failure, Kind, NotFound, did_you_mean
from ralph.core.formatting import plural
from ralph.core.llm.model_names import ref_name
from ralph.core.ports.discovery import NEIGHBOURS
from ralph.core.ports.face import Face
from ralph.core.ports.rows import ProviderRow

REMOVE = "rm"
# These need no connection: they replay or compute.
_INSIDE = ("builtin", "scripted", "timeline", "openai_compatible")


async def run(argument: str, face: Face) -> None:
    """Connect the named provider, or one that is picked; `rm NAME` forgets its entered key."""
    words = argument.split()
    removing = bool(words) and words[0].casefold() == REMOVE
    name, *rest = (words[1:] if removing else words) or [""]
    if rest:
        face.workspace.keys.hide(" ".join(rest))
        raise Failure(
            Kind.USAGE,
            "write  /connect PROVIDER  without the key: ralph asks for the key, so that no history keeps it",
        )
    if removing:
        await _remove(name, face)
        return
    if not name:
        chosen = await face.choose("Connect which provider?", _options(face))
        if chosen is None:
            return
        name = chosen
    if name in SERVERS and not _takes_key(name, face):
        await _look_again(name, face)
    else:
        await _enter_key(_row(name, face), face)


def without_key(line: str) -> str:
    """Return the line without the text after the provider, which may be a key."""
    words = line.split()
    if len(words) < 3 or words[0].casefold() != "/connect":
        return line
    return " ".join(words[: 3 if words[1].casefold() == REMOVE else 2])


async def complete(argument: str, face: Face) -> Sequence[str]:
    first, blank, rest = argument.lstrip().partition(" ")
    if blank:
        keys = [key.provider for key in await face.workspace.keys.rows()] if first == REMOVE else []
        return [f"{REMOVE} {name}" for name in dict.fromkeys(keys) if name.startswith(rest)]
    return [name for name in (*(value for value, _ in _options(face)), REMOVE) if name.startswith(first)]


def _options(face: Face) -> list[tuple[str, str]]:
    """Return the providers that can be connected, and whether they are."""
    rows = [row for row in face.workspace.models.providers() if row.name not in _INSIDE]
    there = {row.name for row in rows}
    options = [(row.name, f"{row.name}: {row.why if row.configured else row.summary}") for row in rows]
    return options + [(s.name, f"{s.name}: {s.title} on this machine") for s in NEIGHBOURS if s.name not in there]


def _row(name: str, face: Face) -> ProviderRow:
    rows = {row.name: row for row in face.workspace.models.providers()}
    if name in rows and name not in _INSIDE:
        return rows[name]
    if name in _INSIDE and name in rows:
        raise Failure(Kind.USAGE, f"{name} needs no connection: {rows[name].why}")
    hint = did_you_mean(name, [value for value, _ in _options(face)])
    raise NotFound(f"there is no provider '{name}'{hint or '; `/connect` lists them'}")


def _takes_key(name: str, face: Face) -> bool:
    """Return whether the provider takes a key. A local server with a configured remote address may need one."""
    row = next((row for row in face.workspace.models.providers() if row.name == name), None)
    return row is not None and row.configured and not row.local


async def _look_again(name: str, face: Face) -> None:
    """Probe the local servers again; the named one reports its models."""
    server = SERVERS[name]
    found = await face.workspace.machine.look_around()
    row = next((row for row in face.workspace.models.providers() if row.name == name and row.configured), None)
    if row is None:
        others = ", ".join(one.neighbour.title for one in found.found)
        beside = f" What answers here: {others}." if others else ""
        face.say(f"{server.title} does not answer at {server.base_url}. Start it, then `/connect {name}`.{beside}")
        return
    models = await face.workspace.models.list_models(name)
    face.result({"provider": name, "models": len(models)})
    face.say(f"{server.title} answers: {plural(len(models), 'model')}. {_who_answers(name, face)}")


async def _enter_key(row: ProviderRow, face: Face) -> None:
    name, keys = row.name, face.workspace.keys
    where = row.why.partition("(")[2].partition(")")[0]
    key = await face.ask_key(f"Key of {name}", where)
    if not key or not key.strip():
        face.say("Nothing was changed.")
        return
    try:
        tried = f"The key works: {name} lists {plural(await keys.check(name, key), 'model')}."
    except Failure as failure:
        if failure.kind in (Kind.USAGE, Kind.NOT_FOUND):
            raise
        wrong = failure.kind is Kind.AUTH
        face.say(f"{'The key was rejected' if wrong else 'The key could not be checked'}: {verbatim(failure.message)}")
        options = [("no", "do not keep it"), ("yes", "keep it anyway")]
        if await face.choose("Keep this key?", options if wrong else options[::-1]) != "yes":
            face.say("The key was not kept.")
            return
        tried = "The key was not checked."
    place = await keys.keep(name, key)
    await face.workspace.machine.look_around()
    kept = (
        f"It is kept in {verbatim(place)}, for you only; `/connect {REMOVE} {name}` forgets it."
        if place
        else "It is for this run only."
    )
    face.result({"provider": name, "kept": place or None})
    face.say(" ".join(part for part in (tried, kept, await _stronger(name, face), _who_answers(name, face)) if part))


async def _stronger(name: str, face: Face) -> str:
    """Return the source of a key that overrules the entered one."""
    first = next((key.source for key in await face.workspace.keys.rows() if key.provider == name), "keys.yaml")
    if first in ("keyring", "keys.yaml"):
        return ""
    return f"It is not used as long as there is a key from the {first}, which overrides it."


def _who_answers(name: str, face: Face) -> str:
    now = face.conversation.roles.get("format", "")
    if now.partition(":")[0] == name:
        model = f"`{now}`" if now.partition(":")[2] else f"The first model of {name}"
        return f"{model} answers from the next turn on."
    return f"`/provider {name} use` or `/model` lets {name} answer; until then `{ref_name(now)}` does."


async def _remove(name: str, face: Face) -> None:
    if not name:
        raise Failure(Kind.USAGE, f"write  /connect {REMOVE} PROVIDER")
    place = await face.workspace.keys.remove(name)
    await face.workspace.machine.look_around()
    face.say(f"The key of {name} is no longer in {place}.")


COMMAND = Simple(
    "connect", "enter, test and keep a key; look for servers again", run, usage=f"[provider|{REMOVE} provider]",
    complete=complete, lists=True,
)  # fmt: skip
