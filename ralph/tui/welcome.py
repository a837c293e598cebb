"""The words of an empty timeline: the models on this machine, the one that answers and why, and how to connect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ralph.core.formatting import plural
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.discovery import NEIGHBOURS, Discovery, FoundModel
from ralph.core.ports.rows import ProviderRow
from ralph.tui.text import one_line

# The most ways to connect a model that are listed. `/provider` has all.
WAYS = 2


def roles(conversation: Conversation) -> tuple[tuple[str, str], ...]:
    """Return role and model from now on. The route shows the tools that the person pinned."""
    named = conversation.overrides.tools
    told = {} if named is None else {"route": f"{', '.join(named) or 'no tool'}, pinned by you"}
    return tuple({**conversation.roles, **told}.items())


def words(findings: Discovery, providers: Sequence[ProviderRow], now: Mapping[str, str]) -> tuple[str, ...]:
    """Return a few lines, the most important first. `now` maps roles to models."""
    made = [_who(findings, now)]
    if findings.gone:
        made.insert(0, _describe_missing(findings))
    beside = [f for f in findings.found if not (findings.choice and f.neighbour.name == findings.choice.provider)]
    if beside:
        made.append(f"Also found here: {', '.join(map(_describe_found, beside))}; /model chooses.")
    ways = [row.why for row in providers if not row.configured and row.kind == row.name and "export " in row.why]
    if ways and not findings.named:
        made.append(
            "To connect a model, type /connect and enter a key; no restart is needed. Or set one, then start ralph:"
        )
        made += [f"  {one_line(way)}" for way in ways[:WAYS]]
    return tuple(made)


def _who(findings: Discovery, now: Mapping[str, str]) -> str:
    choice = findings.choice
    if choice:
        title = next(
            (f.neighbour.title for f in findings.found if f.neighbour.name == choice.provider), choice.provider
        )
        if choice.ref not in now.values():
            return f"Found {title} on this machine; you chose another model."
        named = "no key and no configuration names another"
        return f"Found {title} on this machine: {one_line(choice.model)} answers ({findings.reason}; {named})."
    if findings.connected:
        return f"Connected: {', '.join(findings.connected)}."
    if findings.named:
        return "The model was named, so nothing was chosen."
    usual = ", ".join(n.title for n in NEIGHBOURS[:-1])
    return (
        f"No model is connected: no key in the environment, and no {usual} or {NEIGHBOURS[-1].title} runs here. "
        "The built-in rules answer sums, units, dates and questions on files; try: what is 17% of 2340?"
    )


def _describe_missing(findings: Discovery) -> str:
    gone = findings.gone
    assert gone  # noqa: S101 - the caller checks it
    then = "" if findings.choice else f" Start it again, then /connect {gone.provider}, or connect another."
    return f"{one_line(gone.ref)}, chosen earlier, does not answer any more ({gone.base_url}).{then}"


def _describe_found(found: FoundModel) -> str:
    return f"{found.neighbour.title} ({plural(len(found.models), 'model')})"
