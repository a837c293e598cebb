"""`/provider`: shows the providers, what each still needs and how to connect it, and switches to one."""

from __future__ import annotations

from collections.abc import Sequence

from ralph.commands._base import Simple
from ralph.commands._connecting import describe_state
from ralph.commands._dispatch import verbatim
from ralph.commands._model_switch import switch_model
from ralph.core.errors import Failure, Kind, NotFound, did_you_mean
from ralph.core.ports.face import Face
from ralph.core.ports.rows import ProviderRow


async def run(argument: str, face: Face) -> None:
    """Show all providers, or the named one; with `use`, use its own choice of model from the next turn on."""
    rows = face.workspace.models.providers()
    name, _, verb = argument.strip().partition(" ")
    if verb.strip() not in ("", "use"):
        raise Failure(Kind.USAGE, "write  /provider,  /provider NAME  or  /provider NAME use")
    if not name:
        face.result(rows)
        if await face.show("providers", rows=rows):
            return
        lines = "\n".join(_line(row) for row in rows)
        face.say(f"| provider | state | its key or address, or how to connect it |\n| --- | --- | --- |\n{lines}")
        return
    row = next((r for r in rows if r.name == name), None)
    if row is None:
        meant = did_you_mean(name, [r.name for r in rows], "'{}'") or "; `/provider` lists them"
        raise NotFound(f"there is no provider '{name}'{meant}")
    if verb and row.configured:
        await switch_model(face, row.name)
        return
    face.result([row])
    face.say(_whole(row))


async def complete(argument: str, face: Face) -> Sequence[str]:
    name, blank, verb = argument.partition(" ")
    if blank:
        return [f"{name} use"] if "use".startswith(verb) else []
    return [r.name for r in face.workspace.models.providers() if r.name.startswith(argument)]


def _line(row: ProviderRow) -> str:
    state = "✓ connected" if row.configured else "✓ in use" if row.roles else "– not connected"
    roles = f" · used for {', '.join(row.roles)}" if row.roles else ""
    return f"| {row.name} | {state} | {verbatim(describe_state(row))}{roles} |"


def _whole(row: ProviderRow) -> str:
    lines = [f"**{row.name}** ({row.kind}): {row.summary}", ""]
    lines.append(f"- {'connected' if row.configured else 'not connected'}: {verbatim(describe_state(row))}")
    if row.base_url:
        lines.append(f"- address: {row.base_url}")
    lines += [f"- paused after failures: {verbatim(model)}" for model in row.breakers]
    if row.roles:
        lines.append(f"- used for: {', '.join(row.roles)}")
    lines.append(f"- {'runs on this machine' if row.local else 'runs elsewhere'}")
    return "\n".join(lines)


COMMAND = Simple("provider", "which providers are connected, and how to connect one", run, (), "[name [use]]", complete)
