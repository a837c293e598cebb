"""Which models a conversation goes on with: those chosen in it, unless something else was named since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ralph.config.settings import RoutingSettings
from ralph.core.llm.refs import Aliases, ModelRef
from ralph.core.log.events import RolesChanged
from ralph.core.ports.provider_spec import ProviderSpec
from ralph.pipeline.plan import Models
from ralph.session.models.resume import resume_models
from ralph.session.models.roles import resolve, with_ref

ALIASES: Aliases = {"fast": ("a:small", "gone:small")}


class Offer:
    """`a` and `b` have a key, `gone` has lost its own, `free` needs none."""

    names = ("a", "b", "gone", "free", "builtin")
    plugins = ()
    chosen: ModelRef | None = None

    def spec(self, name: str) -> ProviderSpec:
        def never(settings: object) -> object:
            raise AssertionError

        preferred = {"route": "little", "tool": "large", "format": "large"}
        needs = name not in ("free", "builtin")
        return ProviderSpec(never, name, preferred=preferred, needs_key=needs, order=self.names.index(name))  # type: ignore[arg-type]

    def configured(self, name: str) -> bool:
        return name in ("a", "b")

    def found(self, name: str) -> bool:
        return False


class Conversation:
    """What a person does in it, as events."""

    def __init__(self, routing: RoutingSettings) -> None:
        self.routing = routing
        self.changes: list[RolesChanged] = []

    def to(self, routing: RoutingSettings) -> Conversation:
        before, after = (models(r).roles() for r in (self.routing, routing))
        self.routing = routing
        if before != after:
            self.changes.append(RolesChanged(before, after))
        return self

    def use(self, ref: str, *roles: str) -> Conversation:
        return self.to(with_ref(self.routing, ref, roles or ("tool", "format")))

    def reopened(self, routing: RoutingSettings, *named: str) -> RoutingSettings:
        self.routing = resume_models(routing, self.changes, resolve=models, providers=Offer(), named=named)
        return self.routing


def models(routing: RoutingSettings) -> Models:
    return resolve(routing, Offer(), ALIASES)


AUTO = RoutingSettings()
WRITTEN = RoutingSettings(tool="a:x", format="a:x")


@pytest.mark.parametrize("start", [AUTO, WRITTEN])
def test_what_was_chosen_holds_on_however_often_it_is_opened(start: RoutingSettings) -> None:
    it = Conversation(start).use("b:y")
    for _ in range(3):
        assert it.reopened(start) == with_ref(start, "b:y", ("tool", "format"))
    it.use("b:z", "format")
    assert it.reopened(start) == replace(start, route="auto b:z", tool="b:y", format="b:z")


@pytest.mark.parametrize("start", [AUTO, WRITTEN])
def test_going_back_leaves_it_to_the_configuration(start: RoutingSettings) -> None:
    it = Conversation(start).use("b:y").to(start)
    assert it.reopened(start) == start
    assert it.reopened(RoutingSettings(tool="b:w", format="b:w")) == RoutingSettings(tool="b:w", format="b:w")


def test_a_conversation_without_changes_is_the_configurations() -> None:
    assert Conversation(AUTO).reopened(WRITTEN) == WRITTEN


def test_what_this_run_names_goes_first_role_by_role() -> None:
    it = Conversation(WRITTEN).use("b:y")
    given = RoutingSettings(route="auto a:m", tool="a:m", format="a:m")
    assert it.reopened(given, "tool", "format") == given
    assert it.reopened(replace(WRITTEN, format="a:m"), "format") == replace(WRITTEN, tool="b:y", format="a:m")
    assert it.reopened(WRITTEN) == with_ref(WRITTEN, "b:y", ("tool", "format"))


def test_what_the_configuration_names_since_goes_first_and_can_be_given_up_too() -> None:
    it = Conversation(WRITTEN).use("b:y")
    since = RoutingSettings(tool="a:new", format="a:new")
    assert it.reopened(since) == since
    it.use("b:y")
    assert it.reopened(since) == with_ref(since, "b:y", ("tool", "format"))


@pytest.mark.parametrize(
    ("ref", "holds"),
    [("gone:m", False), ("nobody:m", False), ("free:m", True), ("builtin:rules", True), ("fast", True)],
)
def test_only_what_is_there(ref: str, holds: bool) -> None:
    after = {"route": ref, "tool": ref, "format": ref}
    made = resume_models(WRITTEN, [RolesChanged(models(WRITTEN).roles(), after)], resolve=models, providers=Offer())
    assert made == (with_ref(WRITTEN, ref, ("tool", "format")) if holds else WRITTEN)


@pytest.mark.parametrize(
    ("start", "does", "route"),
    [(AUTO, [("rules",)], "rules"), (AUTO, [("b:r",)], "b:r"), (AUTO, [("b:r",), ("auto",)], "auto"),
     (RoutingSettings(route="rules"), [("auto",)], "auto"), (RoutingSettings(route="a:r"), [("rules",)], "rules"),
     (AUTO, [("gone:r",)], "auto")],
)  # fmt: skip
def test_who_decides_about_tools(start: RoutingSettings, does: Sequence[tuple[str]], route: str) -> None:
    it = Conversation(start)
    for (word,) in does:
        it.to(replace(it.routing, route=word))
    assert it.reopened(start).route == route
