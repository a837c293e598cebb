"""Switches to another model in mid-conversation: shows the effects first, and asks if anything would be lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ralph.commands._dispatch import verbatim
from ralph.commands._kept import RESET, describe_keeping, describe_reset
from ralph.core.formatting import join_words
from ralph.core.llm.routing import RouteChoice, Routing
from ralph.core.llm.usage import Cost, dollars
from ralph.core.ports.face import Face
from ralph.core.ports.rows import Switch

ROLES = ("route", "tool", "format")


async def switch_model(face: Face, ref: str, roles: Sequence[str] = ("tool", "format")) -> None:
    """Use this model for these roles from the next turn on; the person may still decline."""
    ref = await face.workspace.models.find_ref(ref)  # a part of a name may mean another model later
    report = await face.workspace.models.check(face.conversation, ref)
    reasons = _reasons(report)
    if reasons:
        face.say(f"Switching to `{report.ref}`:\n\n" + "\n".join(f"- {verbatim(r)}" for r in reasons))
        options = [("switch", f"switch to {report.ref}"), ("stay", "stay")]
        if await face.ask(f"Switch to {report.ref}?", options) != "switch":
            face.say("Nothing was changed.")
            return
    before = dict(face.conversation.roles)
    after = face.conversation.use_model(ref, roles)
    why = await face.workspace.models.keep(ref, roles)
    kept = "" if why is None else describe_keeping(why, f"/model {RESET}")
    face.result({"roles": dict(after)})
    asked_already = bool(reasons) or after == before  # a model that answers already has nothing to read again
    told = ["" if is_recorded(face, before) else roles_in_words(before, after), _cost(report, told=asked_already)]
    if words := "\n\n".join(part for part in (*told, kept) if part):
        face.say(words)


async def reset_models(face: Face, roles: Sequence[str]) -> None:
    """Forget the person's models for these roles, and use the configured ones from the next turn on."""
    before, overrides = dict(face.conversation.roles), face.conversation.overrides
    why = await face.workspace.models.reset(roles)
    routing = face.workspace.models.routing()
    kept = {
        role: routing.describe_role(role) if role in roles else overrides.routing.describe_role(role) for role in ROLES
    }
    wanted = Routing(RouteChoice.parse(kept["route"]), kept["tool"], kept["format"])
    face.conversation.override(replace(overrides, routing=wanted))
    after = face.conversation.roles
    face.result({"roles": dict(after)})
    told = "" if is_recorded(face, before) else roles_in_words(before, after)
    face.say("\n\n".join(part for part in (told, describe_reset(why)) if part))


def is_recorded(face: Face, before: Mapping[str, str]) -> bool:
    """Return whether the models changed and a line of the timeline shows it, so that words would repeat it. Before the
    first turn there is no such line."""
    return bool(face.conversation.timeline().turns) and before != dict(face.conversation.roles)


def _reasons(report: Switch) -> list[str]:
    """Return the reasons against the switch; none if nothing is lost."""
    made = list(report.lost)
    if not report.fits:
        made.insert(
            0,
            f"The conversation has about {report.tokens:,} tokens and the answer needs {report.room:,} more; "
            f"its window is {report.window:,}. It will probably refuse; /fork or /new makes room.",
        )
    if made and report.tokens:
        made.append(f"The next turn {_first(report)}")
    return made


def _first(report: Switch) -> str:
    """Return the extra cost of the next turn: the new model's cache holds nothing of the conversation."""
    if report.cost.status == "free":
        return f"re-sends about {report.tokens:,} tokens (free)."
    price = "price unknown" if report.cost.nano_usd is None else f"for {dollars(report.cost)}"
    return f"re-sends about {report.tokens:,} tokens ({price})."


def _cost(report: Switch, *, told: bool) -> str:
    if told or not report.tokens or report.cost == Cost():
        return ""
    return f"The next turn, with `{report.ref}`, {verbatim(_first(report))}"


def roles_in_words(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return `From the next turn on a:b does tool and format`, and other changes; without changes, who answers."""
    changed = {role: ref for role, ref in after.items() if before.get(role) != ref}
    does: dict[str, list[str]] = {}
    for role, ref in (changed or after).items():
        does.setdefault(ref, []).append(role)
    words = ", ".join(f"`{ref}` does {join_words(roles)}" for ref, roles in does.items())
    return f"From the next turn on {words}." if changed else f"Nothing changes: {words} already."
