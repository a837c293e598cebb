"""Which models a conversation goes on with: those chosen in it, unless something else was named since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.refs import Aliases, ModelRef
from ralph.core.llm.routing import RouteChoice, Routing
from ralph.core.log.events import RolesChanged
from ralph.core.ports.provider_spec import ProviderSpec
from ralph.pipeline.plan import Models
from ralph.session.models.resume import resume_models
from ralph.session.models.roles import WrittenNames, resolve

ALIASES: Aliases = {"fast": ("a:small", "gone:small")}


class Offer:
    """`a` and `b` have a key, `gone` has lost its own, `free` needs none."""

    names = ("a", "b", "gone", "free", "plain", "builtin")
    plugins = ()
    chosen: ModelRef | None = None

    def spec(self, name: str) -> ProviderSpec:
        def never(settings: object) -> object:
            raise AssertionError

        preferred = {} if name == "plain" else {"route": "little", "tool": "large", "format": "large"}
        needs = name not in ("free", "plain", "builtin")
        return ProviderSpec(never, name, preferred=preferred, needs_key=needs, order=self.names.index(name))  # type: ignore[arg-type]

    def is_configured(self, name: str) -> bool:
        return name in ("a", "b")

    def is_found(self, name: str) -> bool:
        return False

    def listed(self, name: str) -> tuple[ModelInfo, ...]:
        return ()


class Conversation:
    """What a person does in it, as events."""

    def __init__(self, routing: Routing, *, old: bool = False) -> None:
        self.routing = routing
        self.old = old
        self.changes: list[RolesChanged] = []

    def to(self, routing: Routing) -> Conversation:
        before, after = (self._roles(r) for r in (self.routing, routing))
        self.routing = routing
        if before != after:
            self.changes.append(RolesChanged(before, after, None if self.old else routing))
        return self

    def _roles(self, routing: Routing) -> dict[str, str]:
        """As recorded; the versions that recorded no choice had an `auto` route ask the model that formats."""
        made = models(routing).roles()
        asks_format = self.old and routing.route.mode == "auto" and routing.format != "auto"
        return {**made, "route": made["format"]} if asks_format else made

    def use(self, ref: str, *roles: str) -> Conversation:
        return self.to(self.routing.with_model(ref, roles or ("tool", "format")))

    def reopened(self, routing: Routing, *named: str) -> Routing:
        self.routing = resume_models(routing, self.changes, resolve=models, offer=Offer(), named=named)
        return self.routing


def models(routing: Routing) -> Models:
    return resolve(routing, Offer(), WrittenNames(ALIASES))


def ruled(route: str) -> Routing:
    return Routing(RouteChoice.parse(route))


AUTO = Routing()
WRITTEN = Routing(tool="a:x", format="a:x")


OLD = pytest.mark.parametrize("old", [False, True], ids=["recorded", "guessed"])


@OLD
@pytest.mark.parametrize("start", [AUTO, WRITTEN])
def test_what_was_chosen_holds_on_however_often_it_is_opened(start: Routing, old: bool) -> None:
    it = Conversation(start, old=old).use("b:y")
    for _ in range(3):
        assert it.reopened(start) == start.with_model("b:y", ("tool", "format"))
    it.use("b:z", "format")
    assert it.reopened(start) == replace(start, tool="b:y", format="b:z")


@OLD
@pytest.mark.parametrize("start", [AUTO, WRITTEN])
def test_going_back_leaves_it_to_the_configuration(start: Routing, old: bool) -> None:
    it = Conversation(start, old=old).use("b:y").to(start)
    assert it.reopened(start) == start
    assert it.reopened(Routing(tool="b:w", format="b:w")) == Routing(tool="b:w", format="b:w")


def test_a_conversation_without_changes_is_the_configurations() -> None:
    assert Conversation(AUTO).reopened(WRITTEN) == WRITTEN


@OLD
def test_what_this_run_names_goes_first_role_by_role(old: bool) -> None:
    it = Conversation(WRITTEN, old=old).use("b:y")
    given = Routing(route=RouteChoice("auto", "a:m"), tool="a:m", format="a:m")
    assert it.reopened(given, "tool", "format") == given
    assert it.reopened(replace(WRITTEN, format="a:m"), "format") == replace(WRITTEN, tool="b:y", format="a:m")
    assert it.reopened(WRITTEN) == WRITTEN.with_model("b:y", ("tool", "format"))


@OLD
def test_what_the_configuration_names_since_goes_first_and_can_be_given_up_too(old: bool) -> None:
    it = Conversation(WRITTEN, old=old).use("b:y")
    since = Routing(tool="a:new", format="a:new")
    assert it.reopened(since) == since
    it.use("b:y")
    assert it.reopened(since) == since.with_model("b:y", ("tool", "format"))


@pytest.mark.parametrize(
    ("ref", "holds"),
    [("gone:m", False), ("nobody:m", False), ("free:m", True), ("builtin:rules", True), ("fast", True)],
)
def test_only_what_is_there(ref: str, holds: bool) -> None:
    after = {"route": ref, "tool": ref, "format": ref}
    made = resume_models(WRITTEN, [RolesChanged(models(WRITTEN).roles(), after)], resolve=models, offer=Offer())
    assert made == (WRITTEN.with_model(ref, ("tool", "format")) if holds else WRITTEN)


@OLD
@pytest.mark.parametrize(
    ("start", "does", "route"),
    [(AUTO, [("rules",)], "rules"), (AUTO, [("b:r",)], "b:r"), (AUTO, [("b:r",), ("auto",)], "auto"),
     (ruled("rules"), [("auto",)], "auto"), (ruled("a:r"), [("rules",)], "rules"),
     (AUTO, [("gone:r",)], "auto")],
)  # fmt: skip
def test_who_decides_about_tools(start: Routing, does: Sequence[tuple[str]], route: str, old: bool) -> None:
    it = Conversation(start, old=old)
    for (word,) in does:
        it.to(replace(it.routing, route=RouteChoice.parse(word)))
    assert str(it.reopened(start).route) == route


def test_a_recorded_choice_says_whether_the_rules_are_asked_first() -> None:
    """The route's model is the one that formats: only the recorded choice tells `b:y` from `auto b:y`."""
    chosen = Routing(RouteChoice("model", "b:y"), "b:y", "b:y")
    assert Conversation(AUTO).to(chosen).reopened(AUTO) == chosen
    assert Conversation(AUTO, old=True).to(chosen).reopened(AUTO).route == RouteChoice()


def test_an_auto_route_that_was_recorded_with_the_model_that_formatted_asks_the_cheap_one_now() -> None:
    recorded = RolesChanged(models(AUTO).roles(), dict.fromkeys(("route", "tool", "format"), "b:y"))
    chosen = Routing(RouteChoice("auto", "b:y"), "b:y", "b:y")
    made = resume_models(AUTO, [replace(recorded, routing=chosen)], resolve=models, offer=Offer())
    assert made == Routing(tool="b:y", format="b:y")
    assert models(made).roles() == {"route": "b:little", "tool": "b:y", "format": "b:y"}


def test_an_auto_route_whose_model_a_person_named_asks_that_one() -> None:
    chosen = Routing(RouteChoice("auto", "a:r"), "b:y", "b:y")
    assert Conversation(AUTO).to(chosen).reopened(AUTO) == chosen
    assert models(chosen).roles()["route"] == "a:r"
    assert models(chosen.with_model("b:z")).roles()["route"] == "a:r"


def test_the_route_asks_the_named_model_itself_where_its_provider_prefers_none() -> None:
    made = models(Routing(tool="plain:m", format="plain:m"))
    assert made.roles() == {"route": "plain:m", "tool": "plain:m", "format": "plain:m"}
    assert made.auto == ()
    assert models(Routing(tool="b:y", format="b:y")).auto == ("route",)


def test_the_route_of_a_pool_asks_the_cheap_model_of_each_member() -> None:
    route = resolve(Routing(tool="both", format="both"), Offer(), WrittenNames({"both": ("a:x", "b:x")})).route
    assert [str(one) for one in route.each] == ["a:little", "b:little"]
    assert str(route) == "a:little"


def test_never_leaves_an_auto_route_to_the_rules_but_no_route_that_was_named() -> None:
    for ref, route in (("auto", "rules"), ("a:r", "a:r")):
        written = replace(ruled(ref), tool="b:y", format="b:y")
        assert resolve(written, Offer(), WrittenNames(ALIASES), "never").roles()["route"] == route
