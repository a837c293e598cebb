"""The consent to one tool call: rules decide, a person is asked where they ask, and may edit the arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.consent import CallFacts, Decision, Scope
from ralph.core.llm.tool import Resource, Tool, effect_of, reason_to_ask_again, resource_of
from ralph.core.ports.face import Consent, ConsentAnswer
from ralph.core.timeline.call_times import PERSON
from ralph.pipeline.plan import ToolPolicy


@frozen
class Ruling(Data):
    """Whether a call runs. `edited`: the person changed the arguments, and the call is decided about again."""

    allowed: bool
    by: str
    scope: Scope = ""
    rule: str = ""
    network: bool = False
    edited: Mapping[str, Any] | None = None


def describe_call(
    tool: Tool, arguments: Mapping[str, Any], policy: ToolPolicy, resource: Resource | None = None
) -> CallFacts:
    """Return what decides about the call; `resource` stands for the tool's own, for a further one of the same call."""
    wanted = resource_of(tool, arguments) if resource is None else resource
    return CallFacts(
        tool.spec.name, arguments, effect_of(tool, arguments), wanted, policy.taint(), changed=reason_to_ask_again(tool)
    )


def make_question(call: str, facts: CallFacts, preview: str, decision: Decision) -> Consent:
    """Return the question to the person about a call that asks."""
    return Consent(
        call, facts.name, facts.arguments, facts.effect, preview, facts.resource, decision.by, decision.always,
        decision.sandbox, decision.network,
    )  # fmt: skip


def settle_decision(decision: Decision) -> Ruling:
    """Return the ruling on a call about which nobody is asked: if it asks, it is denied."""
    if decision.verdict == "ask":
        return Ruling(False, f"{decision.by}, and nobody is there to ask", "headless", decision.rule)
    return Ruling(decision.verdict == "allowed", decision.by, decision.scope, decision.rule, decision.network)


def settle_answer(
    answer: ConsentAnswer, facts: CallFacts, decision: Decision, policy: ToolPolicy, *, runs: bool = False
) -> Ruling:
    """Return the ruling of an answer, and keep its rule if it covers later calls too. `runs`: the call runs already,
    and asks about a further resource; its arguments cannot change any more."""
    if answer.allowed and answer.arguments is not None and answer.arguments != facts.arguments:
        return Ruling(False, PERSON, "once") if runs else Ruling(True, PERSON, edited=answer.arguments)
    if not answer.allowed or answer.scope == "once":
        return Ruling(answer.allowed, PERSON, "once", network=decision.network)
    if policy.grant is not None and decision.always:
        policy.grant(decision.always, answer.scope)
    return Ruling(True, PERSON, answer.scope, decision.always, decision.network)
