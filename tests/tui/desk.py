"""A workspace for tests of the screen: five small services over conversations that are played."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ralph.core.clock import stamp
from ralph.core.errors import Failure, Kind, NotFound, OpenElsewhere
from ralph.core.llm.prices import FREE_ROW, PriceRow
from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.refs import UnknownName
from ralph.core.llm.routing import Routing
from ralph.core.llm.speed import ModelSpeed
from ralph.core.llm.tool_output import Rung
from ralph.core.llm.usage import Cost
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.core.ports.budget import nano
from ralph.core.ports.choices import ChosenValue
from ralph.core.ports.context import ContextReport
from ralph.core.ports.conversation import Conversation
from ralph.core.ports.discovery import Discovery
from ralph.core.ports.grants import GrantRow
from ralph.core.ports.keys import ApiKey
from ralph.core.ports.rows import Check, ModelRow, ProviderRow, Rule, Switch, ToolRow
from ralph.core.ports.usage_report import CAPS, BudgetRow, CapName, GroupBy, UsageReport
from ralph.core.timeline.rows import Glimpse, TimelineRow
from ralph.core.timeline.timeline import Timeline
from tests.tui.play import START, Play


def wrote(shown: Timeline, after: int) -> str:
    """The model that wrote the last answer after a turn."""
    attempts = [a.ref for t in shown.turns if t.number > after for a in t.attempts if a.block.endswith(".4")]
    return attempts[-1] if attempts else ""


class FakeTimelines:
    """Saved conversations by id."""

    def __init__(self, saved: Sequence[Play]) -> None:
        self.saved = {play.id: play for play in saved}
        self.opened: list[str | None] = []
        self.recordings: dict[str, list[Envelope]] = {}
        self.children: dict[str, tuple[str, ...]] = {}
        self.deleted: list[tuple[str, bool]] = []
        self.looked: list[tuple[str, str]] = []
        self.unreached: tuple[str, ...] = ()
        self.elsewhere: set[str | None] = set()

    async def open(self, timeline: str | None = None, *, turns: int | None = None, read_only: bool = False) -> Play:
        if timeline in self.elsewhere and not read_only:
            raise OpenElsewhere(timeline)
        self.opened.append(timeline)
        if timeline is None:
            return Play("n3w0000000")
        if timeline not in self.saved:
            raise NotFound(f"there is no timeline '{timeline}'")
        return self.saved[timeline]

    async def resolve(self, timeline: str) -> str:
        found = [name for name in self.saved if name.startswith(timeline)]
        if timeline == "last" and self.saved:
            return list(self.saved)[-1]
        if len(found) != 1:
            raise NotFound(f"there is no timeline '{timeline}'")
        return found[0]

    async def rows(self, search: str = "") -> tuple[TimelineRow, ...]:
        rows = []
        for play in self.saved.values():
            shown = play.timeline()
            texts = [t for turn in shown.turns for t in (turn.started.prompt, turn.text)]
            hit = next((t for t in texts if search and search.casefold() in t.casefold()), "")
            if search in shown.title or hit:
                rows.append(
                    TimelineRow(
                        play.id,
                        shown.title,
                        shown.opened_at,
                        stamp(START),
                        len(shown.turns),
                        shown.cost,
                        play.forked_from,
                        excerpt=hit,
                        fork_turn=play.fork_turn,
                        model=next(
                            (
                                a.ref
                                for t in reversed(shown.turns)
                                if t.number > play.fork_turn
                                for a in t.attempts[-1:]
                            ),
                            "",
                        ),
                    )
                )
        return tuple(rows)

    async def read_events(self, timeline: str) -> list[Envelope]:
        if timeline in self.recordings:
            return self.recordings[timeline]
        if timeline not in self.saved:
            raise NotFound(f"there is no timeline '{timeline}'")
        return list(self.saved[timeline].events)

    async def fork(self, timeline: str, turn: int | None = None, title: str = "") -> str:
        self.looked.append(("fork", timeline))
        old = self.saved[timeline]
        name = f"f0rk{len(self.saved):06d}"
        self.saved[name] = old.fork(name, old.timeline().last_turn if turn is None else turn, title)
        return name

    async def preview(self, timeline: str, last: int = 6) -> tuple[Glimpse, ...]:
        self.looked.append(("preview", timeline))
        turns = self.saved[timeline].timeline().turns[-last:]
        return tuple(Glimpse(t.number, t.started.prompt, t.text, t.status) for t in turns)

    async def forks(self, timeline: str) -> tuple[str, ...]:
        return self.children.get(timeline, ())

    async def rename(self, timeline: str, title: str) -> None:
        self.saved[timeline].emit(0, 0, ev.TimelineChanged(title=title))

    async def delete(self, timeline: str, *, with_forks: bool = False) -> tuple[str, ...]:
        self.deleted.append((timeline, with_forks))
        self.saved.pop(timeline)
        return (timeline,)


class FakeModels:
    """Three providers, one of which is not there."""

    def __init__(self) -> None:
        self.share: float | None = None
        self.kept: dict[str, str] = {}
        self.report = Switch("")
        self.lately: tuple[str, ...] = ()
        self.weighed: ContextReport | Failure | None = None
        self.slow: dict[str, asyncio.Event] = {}
        self.paces: dict[str, ModelSpeed] = {}
        self.prices: dict[str, PriceRow] = {}
        self.named: dict[str, tuple[str, ...]] = {}
        self.lists: dict[str, tuple[ModelInfo, ...] | Failure] = {
            "anthropic": (ModelInfo("claude-haiku-4-5"), ModelInfo("claude-sonnet-5-5")),
            "ollama": Failure(Kind.NETWORK, "nobody answers at http://127.0.0.1:11434; is ollama running?"),
        }

    def ref(self, text: str) -> str:
        if ":" not in text and text not in ("ollama", "anthropic", "openai"):
            raise UnknownName(Kind.UNKNOWN_MODEL, f"'{text}' is not a model ref")
        return text

    async def find_ref(self, text: str) -> str:
        return self.ref(text)

    async def learn_names(self) -> None:
        """All names are known."""

    async def keep(self, ref: str, roles: Sequence[str]) -> str:
        self.kept.update(dict.fromkeys(roles, ref))
        return ""

    async def reset(self, roles: Sequence[str]) -> str:
        self.kept.clear()
        return ""

    def routing(self) -> Routing:
        return Routing()

    async def check(self, conversation: Conversation, ref: str) -> Switch:
        self.ref(ref)
        return replace(self.report, ref=ref)

    def providers(self) -> tuple[ProviderRow, ...]:
        return (
            ProviderRow("anthropic", "anthropic", "Claude", True, False, "key set", roles=("tool", "format")),
            ProviderRow("ollama", "ollama", "local models", True, True, "address set", "http://127.0.0.1:11434"),
            ProviderRow("openai", "openai", "GPT", False, False, "export OPENAI_API_KEY=…"),
        )

    async def list_models(self, provider: str) -> tuple[ModelInfo, ...]:
        found = self.lists[provider]
        if isinstance(found, Failure):
            raise found
        return found

    async def list_rows(self, provider: str) -> tuple[ModelRow, ...]:
        if provider in self.slow:
            await self.slow[provider].wait()
        refs = [(f"{provider}:{m.name}", m) for m in await self.list_models(provider)]
        free = FREE_ROW if provider == "ollama" else None
        return tuple(
            ModelRow(ref, m.window, self.prices.get(ref, free), self.paces.get(ref, ModelSpeed()), m.retires)
            for ref, m in refs
        )

    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        return self.named

    async def recent(self) -> tuple[str, ...]:
        return self.lately

    async def context(self, conversation: Conversation) -> ContextReport:
        if isinstance(self.weighed, Failure):
            raise self.weighed
        assert self.weighed
        return self.weighed

    async def estimate_fill(self, conversation: Conversation) -> float | None:
        return self.share


class FakeUsage:
    """A ledger of given rows, and budgets."""

    def __init__(self, timelines: FakeTimelines) -> None:
        self._timelines = timelines
        self.rows: list[dict[str, Any]] = []
        self.caps: dict[str, int | None] = {}
        self.spent: dict[str, Cost] = {}
        self.written = 0

    async def report(self, by: GroupBy) -> UsageReport:
        from tests.tui.spent import account  # late: it brings the store, which no first paint may load

        return account(self.rows, by)

    async def budgets(self, timeline: str = "", turn: int = 0) -> tuple[BudgetRow, ...]:
        spent = {**self._of(timeline), **self.spent}
        return tuple(BudgetRow(name, self.caps.get(name), spent.get(name, Cost()), spent.get(name)) for name in CAPS)

    def _of(self, timeline: str) -> dict[str, Cost]:
        """What a conversation that is played has cost by now."""
        play = self._timelines.saved.get(timeline)
        shown = play.timeline() if play else None
        return {"timeline": shown.cost} if shown and shown.usage.source != "none" else {}

    async def version(self) -> int:
        return self.written

    def set_budget(self, name: CapName, usd: float | None) -> None:
        self.caps[name] = nano(usd)


class FakeTools:
    """Two tools."""

    def __init__(self) -> None:
        self.ruled: dict[str, dict[str, Any]] = {}
        self.unknown_rules: tuple[str, ...] = ()
        self.dry = False
        self.sandbox: Rung = "bwrap"
        self.granted: list[GrantRow] = []

    def grants(self) -> tuple[GrantRow, ...]:
        return tuple(self.granted)

    def revoke(self, rule: str) -> tuple[GrantRow, ...]:
        gone = tuple(g for g in self.granted if g.rule == rule)
        if not gone:
            raise NotFound(f"there is no grant '{rule}'")
        self.granted = [g for g in self.granted if g.rule != rule]
        return gone

    async def check_rules(self) -> tuple[str, ...]:
        return self.unknown_rules

    async def rows(self) -> tuple[ToolRow, ...]:
        rows = (ToolRow("calculate", "Do arithmetic.", "none", "allowed", "effect none"),
                ToolRow("shell", "Run a program.", "run", "denied", "effect run"))  # fmt: skip
        return tuple(replace(r, **self.ruled.get(r.name, {})) for r in rows)

    def rule(self, pattern: str, rule: Rule) -> None:
        if pattern.partition("(")[0] not in ("calculate", "shell"):
            raise NotFound(f"there is no tool '{pattern}'")
        verdicts = {"allow": "allowed", "ask": "ask", "deny": "denied"}
        self.ruled[pattern] = {"verdict": verdicts[rule], "by": f"tools.{rule}: {pattern}"}

    def reset(self, pattern: str = "") -> tuple[str, ...]:
        dropped = tuple(one for one in self.ruled if pattern in ("", one))
        for one in dropped:
            del self.ruled[one]
        return dropped


class FakeChoices:
    """Keeps what it is told; `why_not` is why it does not last."""

    def __init__(self) -> None:
        self.kept: dict[str, ChosenValue] = {}
        self.why_not = ""

    async def keep(self, values: Mapping[str, ChosenValue]) -> str:
        self.kept.update(values)
        return self.why_not

    async def forget(self, *keys: str) -> str:
        self.kept = {k: v for k, v in self.kept.items() if not any(k == one or k.startswith(f"{one}.") for one in keys)}
        return self.why_not

    def find_configured(self, key: str) -> ChosenValue:
        return "sacred" if key == "ui.theme" else None


class FakeKeys:
    """Keys in a dictionary; `trouble` is what a check of one ends with."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.hidden: list[str] = []
        self.trouble: Failure | None = None

    async def rows(self) -> tuple[ApiKey, ...]:
        return tuple(ApiKey(name, "keys.yaml", f"***{key[-4:]}") for name, key in self.kept.items())

    def hide(self, text: str) -> None:
        self.hidden.append(text)

    async def check(self, provider: str, key: str) -> int:
        if self.trouble:
            raise self.trouble
        return 2

    async def keep(self, provider: str, key: str) -> str:
        self.kept[provider] = key.strip()
        return "/data/keys.yaml"

    async def remove(self, provider: str) -> str:
        if provider not in self.kept:
            raise NotFound(f"no key was entered for '{provider}'")
        del self.kept[provider]
        return "/data/keys.yaml"


class FakeMachine:
    """A machine on which nothing runs."""

    def __init__(self) -> None:
        self.findings = Discovery(("anthropic", "ollama"), named=True)
        self.troubles: tuple[Check, ...] = ()
        self.warmed = 0
        self.last_look: Discovery | None = None

    async def look_around(self) -> Discovery:
        return self.findings

    async def checks(self, *, live: bool = False) -> tuple[Check, ...]:
        seen = "answers; 2 models" if live else "key set"
        return (Check("python", True, "3.11.7"), Check("provider anthropic", True, seen), *self.troubles)

    def warm(self) -> asyncio.Task[None]:
        self.warmed += 1
        return asyncio.get_running_loop().create_task(asyncio.sleep(0))


class FakeServers:
    """No server of tools."""

    def rows(self) -> tuple[Any, ...]:
        return ()

    def resources(self) -> tuple[Any, ...]:
        return ()


class Desk:
    """A `Workspace` of such conversations: eight services, each with its own state."""

    def __init__(self, *saved: Play) -> None:
        self.timelines = FakeTimelines(saved)
        self.models = FakeModels()
        self.usage = FakeUsage(self.timelines)
        self.tools = FakeTools()
        self.machine = FakeMachine()
        self.mcp = FakeServers()
        self.choices = FakeChoices()
        self.keys = FakeKeys()
