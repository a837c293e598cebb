"""`/model`: chooses the model that answers from the next turn on; the choice is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._dispatch import verbatim
from ralph.commands._kept import RESET
from ralph.commands._model_switch import ROLES, reset_models, switch_model
from ralph.core.errors import Failure
from ralph.core.ports.face import Face
from ralph.core.ports.rows import ProviderRow

# Seconds to wait for a provider's list; after that the provider is left out and named.
LIST_S = 8.0


async def run(argument: str, face: Face) -> None:
    """Use the named model for tool and format, or for the roles named after it; without a name, pick one.

    `reset` forgets the earlier choice.
    """
    ref, roles = _parse_argument(argument)
    if ref == RESET:
        await reset_models(face, roles if argument.strip() != RESET else ROLES)
        return
    if not ref and await face.show("models"):
        return
    if not ref:
        options, missing = await _list_offers(face)
        if missing:
            face.say("These providers did not list their models:\n\n" + "\n".join(f"- {verbatim(m)}" for m in missing))
        if not options:
            face.say("No provider is connected. `/connect` connects one.")
            return
        chosen = await face.choose("Choose a model", options)
        if chosen is None:
            return
        ref = chosen
    await switch_model(face, ref, roles)


def _parse_argument(argument: str) -> tuple[str, tuple[str, ...]]:
    """Return the ref, and the roles named after it; tool and format if none are."""
    words, roles = argument.split(), list[str]()
    while len(words) > 1 and words[-1] in ROLES:
        roles.insert(0, words.pop())
    ref = argument.strip() if not roles else " ".join(words)
    return ref, tuple(roles) or ("tool", "format")


async def complete(argument: str, face: Face) -> Sequence[str]:
    """Complete a model ref, or `reset`."""
    found = await complete_ref(argument, face)
    return [*found, RESET] if RESET.startswith(argument) else found


async def complete_ref(argument: str, face: Face) -> Sequence[str]:
    """Complete providers first, then the models of the named one."""
    provider, colon, start = argument.partition(":")
    rows = [r for r in face.workspace.models.providers() if r.configured]
    if not colon:
        return [one for one in (f"{r.name}:" for r in rows) if one.startswith(provider)]
    listed = await _models(face, provider)
    return [ref for ref in listed if ref.startswith(f"{provider}:{start}")] if isinstance(listed, list) else ()


async def _list_offers(face: Face) -> tuple[list[tuple[str, str]], list[str]]:
    """Return (ref, label) of every listed model, and a line for each provider that did not answer."""
    rows = [r for r in face.workspace.models.providers() if r.configured]
    listed = await asyncio.gather(*(_models(face, row.name) for row in rows))
    options: list[tuple[str, str]] = []
    missing: list[str] = []
    roles = face.conversation.roles
    used = {ref: ", ".join(r for r in roles if roles[r] == ref) for ref in roles.values()}
    for row, found in zip(rows, listed, strict=True):
        if isinstance(found, str):
            missing.append(f"{row.name}: {found}")
        else:
            options += [(ref, _label(ref, row, used.get(ref, ""))) for ref in found]
    return options, missing


async def _models(face: Face, provider: str) -> list[str] | str:
    """Return refs of a provider's listed models, or why there is no list."""
    try:
        async with asyncio.timeout(LIST_S):
            return [f"{provider}:{m.name}" for m in await face.workspace.models.list_models(provider)]
    except Failure as failure:
        return failure.message
    except TimeoutError:
        return f"no answer within {LIST_S:.0f} s"


def _label(ref: str, row: ProviderRow, role: str) -> str:
    facts = ["local" if row.local else "", f"now: {role}" if role else ""]
    told = ", ".join(f for f in facts if f)
    return f"{ref}  ({told})" if told else ref


COMMAND = Simple(
    "model", "choose the model that answers", run, ("models",), "[provider:model|reset [role …]]", complete, whole=True
)
