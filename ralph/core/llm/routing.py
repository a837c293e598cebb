"""Who does what, as a person wrote it: a choice for the route, a model for tool and for format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ralph.core.data import Data, frozen

RouteMode = Literal["auto", "rules", "model"]
RouteCalls = Literal["auto", "always", "never"]
AUTO = "auto"


@frozen
class RouteChoice(Data):
    """Who decides which tools a question needs."""

    mode: RouteMode = "auto"
    """`auto`: the built-in rules, and `ref` where they do not understand the whole question. `rules`: the rules only.
    `model`: always `ref`."""
    ref: str = AUTO
    """The model as it was written: a ref, an alias, or `auto` for the cheap model of the provider that formats; empty
    with `rules`."""

    @classmethod
    def parse(cls, text: str) -> RouteChoice:
        """Read `auto`, `auto REF`, `rules` or `REF`."""
        mode, _, ref = text.partition(" ")
        if mode == "auto":
            return cls("auto", ref.strip() or AUTO)
        return cls("rules", "") if text == "rules" else cls("model", text)

    def __str__(self) -> str:
        """The text that `parse` reads."""
        if self.mode == "auto":
            return AUTO if self.ref == AUTO else f"auto {self.ref}"
        return "rules" if self.mode == "rules" else self.ref


@frozen
class Routing(Data):
    """Role to model as it was written: a ref, an alias, or `auto`."""

    route: RouteChoice = RouteChoice()
    tool: str = AUTO
    format: str = AUTO

    def with_model(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Routing:
        """This model for these roles. An `auto` route stays `auto`: it asks the cheap model of whoever formats."""
        tool = ref if "tool" in roles else self.tool
        format_ = ref if "format" in roles else self.format
        route = RouteChoice.parse(ref) if "route" in roles else self.route
        return Routing(route, tool, format_)

    def describe_role(self, role: str) -> str:
        """What stands for this role."""
        return {"route": str(self.route), "tool": self.tool, "format": self.format}[role]
