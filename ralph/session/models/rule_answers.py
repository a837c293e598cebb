"""Turns that the built-in rules answer: they understand the whole question, and nobody named a model."""

from __future__ import annotations

from dataclasses import replace

from ralph.core.timeline.history import whole_prompt
from ralph.pipeline.plan import Models, TurnPlan
from ralph.session.models.roles import RULES


def understood(plan: TurnPlan) -> bool:
    """Return whether the rules can answer without a request: they call the tools, and the results are the exact answer.

    They do not answer if a person pinned tools, set a system prompt, or kept a step of an earlier turn, which asks for
    other words than the rules gave. A result that only contains the answer somewhere is left to a model.
    """
    models = plan.models
    left = models.route_mode != "model" and {"tool", "format"} <= set(models.unnamed)
    kept = plan.again is not None and bool(plan.again.kept)
    if not left or kept or plan.system or plan.tools.pinned is not None:
        return False
    from ralph import rules  # 35 ms, which the first paint need not wait for

    today = plan.tools.around.clock.now().astimezone().date()
    prompt, talking = whole_prompt(plan.input.text, plan.input.context), bool(plan.history)
    found = rules.match(prompt, plan.tools.offered, today, talking=talking)
    return found is not None and found.complete and found.exact


def by_rules(models: Models) -> Models:
    """Return the models with the rules for tool and format."""
    return replace(models, tool=RULES, format=RULES, auto=())
