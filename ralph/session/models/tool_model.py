"""The tool step of a model that never calls a tool: the built-in rules call the tools that they understand."""

from __future__ import annotations

from dataclasses import replace

from ralph.core.errors import Failure
from ralph.core.llm.refs import ModelRef
from ralph.pipeline.plan import Models
from ralph.session.models.roles import RULES
from ralph.session.models.route_model import ServerFacts


async def settle_tool(models: Models, facts: ServerFacts) -> Models:
    """Return the same models, with the rules for the tool step if its model never calls a tool."""
    ref = models.tool
    if len(ref.each) > 1 or not await _is_toolless(ref, facts):
        return models
    reasons = {**models.reasons, "tool": f"{ref} never calls a tool, so the built-in rules do"}
    return replace(models, tool=RULES, reasons=reasons)


async def _is_toolless(ref: ModelRef, facts: ServerFacts) -> bool:
    try:
        return ref.model in (await facts.traits(ref)).toolless
    except Failure:  # the step reports it, in its own block
        return False
