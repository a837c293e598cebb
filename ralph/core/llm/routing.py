"""The written choice of models: one for the route, for tool and for format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ralph.core.data import Data, frozen

RouteMode = Literal["auto", "rules", "model"]
RouteCalls = Literal["auto", "always", "never"]
AUTO = "auto"


@frozen
class RouteChoice(Data):
    """The written choice of who decides which tools a question needs."""

    mode: RouteMode = "auto"
    """`auto`: the built-in rules, and `ref` where they do not understand the whole question. `rules`: the rules only.
    `model`: always `ref`."""
    ref: str = AUTO
    """The model as written: a ref, an alias, or `auto` for the cheap model of the provider that formats; empty with
    `rules`."""

    @classmethod
    def parse(cls, text: str) -> RouteChoice:
        """Read `auto`, `auto REF`, `rules` or `REF`."""
        mode, _, ref = text.partition(" ")
        if mode == "auto":
            return cls("auto", ref.strip() or AUTO)
        return cls("rules", "") if text == "rules" else cls("model", text)

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        if self.mode == "auto":
            return AUTO if self.ref == AUTO else f"auto {self.ref}"
        return "rules" if self.mode == "rules" else self.ref


@frozen
class Routing(Data):
    """The written model of each role: a ref, an alias, or `auto`."""

    route: RouteChoice = RouteChoice()
    tool: str = AUTO
    format: str = AUTO

    def with_model(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Routing:
        """Return the routing with this model for these roles. An `auto` route stays `auto`."""
        tool = ref if "tool" in roles else self.tool
        format_ = ref if "format" in roles else self.format
        route = RouteChoice.parse(ref) if "route" in roles else self.route
        return Routing(route, tool, format_)

    def describe_role(self, role: str) -> str:
        """Return the written choice for this role."""
        return {"route": str(self.route), "tool": self.tool, "format": self.format}[role]
