"""Who does what, as a person wrote it: a choice for the route, a model for tool and for format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ralph.core.data import Data, frozen

RouteMode = Literal["auto", "rules", "model"]
AUTO = "auto"


@frozen
class RouteChoice(Data):
    """Who decides which tools a question needs."""

    mode: RouteMode = "auto"
    """`auto`: the built-in rules, and `ref` where they do not understand the whole question. `rules`: the rules only.
    `model`: always `ref`."""
    ref: str = AUTO
    """The model as it was written: a ref, an alias, or `auto` where ralph chooses; empty with `rules`."""

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

    def helped_by(self, ref: str) -> RouteChoice:
        """Ask this model where the rules do not understand; a choice that is not `auto` stays as it is."""
        return RouteChoice("auto", ref) if self.mode == "auto" else self


@frozen
class Routing(Data):
    """Role to model as it was written: a ref, an alias, or `auto`."""

    route: RouteChoice = RouteChoice()
    tool: str = AUTO
    format: str = AUTO

    def with_model(self, ref: str, roles: Sequence[str] = ("tool", "format")) -> Routing:
        """This model for these roles; an `auto` route asks the model that formats."""
        tool = ref if "tool" in roles else self.tool
        format_ = ref if "format" in roles else self.format
        route = RouteChoice.parse(ref) if "route" in roles else self.route
        if "route" in roles or "format" in roles:
            route = route.helped_by(format_)
        return Routing(route, tool, format_)

    def written(self, role: str) -> str:
        """What stands for this role."""
        return {"route": str(self.route), "tool": self.tool, "format": self.format}[role]
