"""Going over to another model in mid-conversation: what that means is told first, and asked where something is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ralph.commands._dispatch import verbatim
from ralph.core.face import Face
from ralph.core.usage import Cost, dollars
from ralph.core.workspace import Switch


async def switch_model(face: Face, ref: str, roles: Sequence[str] = ("tool", "format")) -> None:
    """Use this model for these roles from the next turn on; the person may still say no."""
    report = await face.workspace.check(face.conversation, ref)
    reasons = _reasons(report)
    if reasons:
        face.say(f"Before `{report.ref}` goes on:\n\n" + "\n".join(f"- {verbatim(r)}" for r in reasons))
        options = [("switch", f"switch to {report.ref}"), ("stay", "stay")]
        if await face.choose(f"Go on with {report.ref}?", options) != "switch":
            face.say("Nothing was changed.")
            return
    face.say(_roles(face.conversation.use(ref, roles)) + _cost(report, told=bool(reasons)))


def _reasons(report: Switch) -> list[str]:
    """Why one might not want it; nothing where nothing is lost."""
    made = list(report.lost)
    if not report.fits:
        made.insert(
            0,
            f"The conversation has about {report.tokens:,} tokens and the answer needs {report.room:,} more; "
            f"its window is {report.window:,}. It will probably refuse; /fork or /new make room.",
        )
    if made and report.tokens:
        made.append(_first(report))
    return made


def _first(report: Switch) -> str:
    """What the next turn costs more than it would have: nothing of the conversation is in the new model's cache."""
    if report.cost.status == "free":
        return f"Its first turn reads about {report.tokens:,} tokens anew, for nothing."
    price = "at an unknown price" if report.cost.nano_usd is None else f"for {dollars(report.cost)}"
    return f"Its first turn reads about {report.tokens:,} tokens anew, {price}."


def _cost(report: Switch, *, told: bool) -> str:
    if told or not report.tokens or report.cost == Cost():
        return ""
    return f"\n\n{verbatim(_first(report))}"


def _roles(roles: Mapping[str, str]) -> str:
    return "From the next turn on:\n\n" + "\n".join(f"- {role}: `{ref}`" for role, ref in roles.items())
