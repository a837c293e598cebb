"""What the pictures show: a desk with things on it, and the way to every screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from ralph.core.errors import ErrorInfo, Kind
from ralph.core.llm.prices import PriceRow
from ralph.core.llm.provider import ModelInfo
from ralph.core.llm.speed import ModelSpeed
from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.ports.discovery import NEIGHBOURS, Discovery, FoundModel
from ralph.core.ports.face import Consent
from ralph.tui.app import RalphApp
from ralph.tui.screens.replay import ReplayScreen
from ralph.tui.widgets.consent import ConsentPanel
from tests.tui.desk import Desk
from tests.tui.play import ROLES, Gate, HandClock, Play, Step, attempt, failing_turn, finish, turn
from tests.tui.recorded import recorded
from tests.tui.see import options, part, prompt, text, until, write
from tests.tui.spent import month
from tests.tui.test_context import REPORT

QUESTION = "What is 17 % of 2,340, and how many lines has README.md?"
MARKDOWN = """\
## Running totals

A **generator** with `yield`, as in [the docs](https://docs.python.org/3/):

```python
def accumulate(values, start=0):
    total = start  # what came before
    for value in values:
        yield (total := total + value)
```

| name | calls | cost |
|------|------:|-----:|
| alpha | 12 | 0.031 |
| beta | 7 | 0.120 |

- one
- two
"""
Scene = Callable[[Pilot[int], RalphApp, Play, HandClock], Awaitable[None]]


def fallen_turn(number: int, prompt: str, answer: str = "It is **397.8**, as before.") -> list[Step]:
    """A format step whose model is overloaded, so that another one answers."""
    form = f"{number}.4"
    steps = turn(number, prompt, tools=False)
    begun = next(n for n, (_, s) in enumerate(steps) if isinstance(s, ev.BlockStarted) and s.block == form)
    busy = ErrorInfo(Kind.OVERLOADED, "anthropic has no room at the moment (529)")
    first = attempt(
        form, ROLES["format"], 413, 720, Usage(), 0, outcome="failed", error=busy, ttft_ms=None, cost=Cost()
    )
    told = f"{ROLES['format']} did not answer ({busy.kind}: {busy.message}); openai:gpt-5.1 answers now"
    data = {"from": ROLES["format"], "to": "openai:gpt-5.1"}
    second = [
        (ms + 310, replace(s, attempt=f"{form}a2"))
        for ms, s in attempt(form, "openai:gpt-5.1", 413, 1300, Usage(input=900, output=68, source="reported"), 900_000)
        if isinstance(s, ev.AttemptStarted | ev.AttemptFinished)
    ]
    note: Step = (722, ev.Note("fallback", told, form, data))
    done = finish(form, second, 413, 1610, text=answer, ttft_ms=520.0)
    kept = [*steps[:begun], steps[begun], *first, note, *second, done]
    end = steps[-1][1]
    assert isinstance(end, ev.TurnFinished)
    return [*kept, (1611, replace(end, text=answer, duration_ms=1611.0))]


def desk_of(play: Play) -> Desk:
    """A desk on which every screen has something to show."""
    others = (
        ("zebra00001", "Zebras", "Why do zebras have stripes?", "Mostly against **flies**, it seems."),
        ("trains0002", "The night train to Vienna", "When does the night train leave?", "At 22:04 from track 7."),
        ("c0de000003", "A running total in Python", "Show me a generator that sums up", MARKDOWN),
    )
    saved = [Play(name).past(1, turn(1, asked, answer, tools=False)) for name, _, asked, answer in others]
    for made, (_, title, _, _) in zip(saved, others, strict=True):
        made.emit(0, 0, ev.TimelineChanged(title=title))
    desk = Desk(play, *saved)
    desk.usage.rows = month()
    desk.models.weighed = REPORT
    desk.models.lists = {
        "anthropic": (ModelInfo("claude-haiku-4-5", 200_000), ModelInfo("claude-sonnet-5-5", 1_000_000)),
        "ollama": (ModelInfo("qwen3:4b", 16_384), ModelInfo("llama3.2:3b")),
    }
    desk.models.prices = {
        ROLES["format"]: PriceRow("t", "1", "s", "3", "0.3", "3.75", "15"),
        ROLES["route"]: PriceRow("t", "1", "h", "1", "0.1", "1.25", "5"),
    }
    desk.models.paces = {ROLES["format"]: ModelSpeed(0.52, 142.0), ROLES["route"]: ModelSpeed(0.38, 180.0)}
    desk.models.named = {"fast": (ROLES["route"], "ollama:qwen3:4b")}
    desk.timelines.recordings = {play.id: recorded(*(turn(n, QUESTION) for n in (1, 2, 3)))}
    desk.models.share = 0.04
    return desk


async def shown(pilot: Pilot[int], app: RalphApp, line: str) -> None:
    app.action_command(line)
    await until(pilot, lambda: len(app.screen_stack) == 2)
    await pilot.pause()


async def answered(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Turns that are over: one that failed, and an answer in markdown."""


async def running(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The format step streams, two messages wait, and in what is written a paste is folded."""
    play.script = lambda n, p, c: turn(n, p, gate=Gate())
    await write(pilot, "Again, please", "enter")
    await until(pilot, lambda: "17 % of 2,340 is 397" in text(app).rpartition("❯")[2])
    for words in ("and thank you", "Sum it up\nin one line"):
        await write(pilot, words, "enter")
    clock.at = 2.8
    await until(pilot, lambda: "0.47s" in text(app))
    await write(pilot, "compare ")
    prompt(app).post_message(events.Paste("line\n" * 5000))
    await until(pilot, lambda: "[paste" in prompt(app).text)


async def failed(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """A step that failed, and one that another model took over."""
    play.past(3, failing_turn(3, "And in French?")).past(4, fallen_turn(4, "Once more?"))
    app.feed.open(play)
    await until(pilot, lambda: "as before" in text(app))


async def pointed(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The cursor on a step, its details and its waterfall open."""
    play.past(3, turn(3, "And again?"))
    app.feed.open(play)
    await until(pilot, lambda: "And again" in text(app))
    await pilot.press("alt+up", "up", "up", "up", "enter", "w")


async def sought(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The search bar, and matches."""
    await pilot.press("ctrl+f", *"total")
    await until(pilot, lambda: " of " in str(app.query_one("#find-count").render()))


async def commands(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The slash menu."""
    await pilot.press("/", "down", "down")


async def narrowed(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The slash menu with what completes a command."""
    await pilot.press(*"/theme ")
    await until(pilot, lambda: app.widgets.menu.display)


async def files(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The files that `@` offers."""
    await pilot.press(*"look at @read")
    await until(pilot, lambda: app.widgets.menu.display)


async def dialogs(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The question whether a tool may run."""
    consent = Consent("1.3c1", "write_file", {"path": "notes/today.md", "content": "one\ntwo"}, "write")
    app.query_one(ConsentPanel).ask(consent, lambda allowed: None)


async def welcome(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """An empty timeline, and what was found on this machine."""
    app.action_command("/new")
    await until(pilot, lambda: "new timeline" in str(app.widgets.status_bar.render()))


async def dashboard(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """What was used and what it cost."""
    await shown(pilot, app, "/usage model")


async def models(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The model picker."""
    await shown(pilot, app, "/model")
    await until(pilot, lambda: any("llama" in line for line in options(app)))


async def timelines(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The saved timelines, and a look into one."""
    await shown(pilot, app, "/timelines")
    await until(pilot, lambda: options(app) and part(app, "timelines-glimpse"))


async def sent(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """What was sent before, to pick from."""
    await pilot.press("ctrl+r")
    await until(pilot, lambda: len(app.screen_stack) == 2)


async def themes(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The themes, with a turn beside them."""
    await shown(pilot, app, "/theme")


async def context(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """What the next request carries."""
    await shown(pilot, app, "/context")
    await until(pilot, lambda: "weighing" not in part(app, "context-head"))


async def tree(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The tree of turns."""
    app.action_command("/tree")
    await pilot.pause(0.2)


async def helped(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Help."""
    await shown(pilot, app, "/help")
    await until(pilot, lambda: "First steps" in part(app, "help-text"))


async def palette(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Textual's palette with the slash commands."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: len(app.screen_stack) == 2)
    await pilot.pause(0.3)


async def keys(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Every key."""
    await shown(pilot, app, "/keys")
    await until(pilot, lambda: "turn.stop" in part(app, "help-text"))


async def providers(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Every provider."""
    await shown(pilot, app, "/provider")
    await until(pilot, lambda: "Connected" in part(app, "help-text"))


async def comparing(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Two models answer, one of them still."""
    gate, begun = Gate(), list[int]()

    def script(number: int, prompt: str, context: str) -> list[Step]:
        begun.append(number)
        return turn(number, prompt, MARKDOWN, tools=False, gate=gate if len(begun) > 1 else None)

    play.script = script
    app.action_command("/compare anthropic:claude-sonnet-5-5 ollama:llama3.2:3b show me a generator")
    await until(pilot, lambda: text(app).count("Running totals") > 2)
    clock.at = 2.8
    await until(pilot, lambda: "2.80s" in text(app))


async def compared(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """Four models have answered."""
    play.script = lambda n, p, c: turn(n, p, tools=False)
    models = "anthropic:claude-sonnet-5-5 openai:gpt-5.1 ollama:llama3.2:3b local:/models/qwen3-4b.gguf"
    app.action_command(f"/compare {models} {QUESTION}")
    await until(pilot, lambda: play.timeline().work and app.view.has_focus)


async def searched(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """What /search finds."""
    await shown(pilot, app, "/search total")
    await until(pilot, lambda: options(app) and part(app, "timelines-glimpse"))


async def pasted(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """A question with a paste, and a tool's long lines."""
    long = "".join(f"{n:03} {'a long line of a file ' * 8}\n" for n in range(4))
    play.script = lambda n, p, c: turn(n, p, output=long)
    prompt(app).post_message(events.Paste("line\n" * 300))
    await until(pilot, lambda: "[paste" in prompt(app).text)
    await write(pilot, " explain this", "enter")
    await until(pilot, lambda: "[paste 300 lines] explain this" in text(app) and not play.busy)
    await pilot.press("ctrl+o")


async def connecting(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The providers to choose from for a key."""
    await shown(pilot, app, "/connect")


async def entering(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """A key is entered."""
    await shown(pilot, app, "/connect openai")
    await pilot.press(*"sk-123456")


async def caps(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The budgets, and the rules of the tools below them."""
    app.action_command("/budget")
    await until(pilot, lambda: "no cap" in text(app))
    app.action_command("/tools")
    await until(pilot, lambda: "/tools" in text(app))


async def ended(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """The last turn failed; its end says what can be done next."""
    play.past(3, failing_turn(3, "And in French?"))
    app.feed.open(play)
    await until(pilot, lambda: "the key was rejected" in text(app).rpartition("And in French?")[2])


async def replay(pilot: Pilot[int], app: RalphApp, play: Play, clock: HandClock) -> None:
    """A recording in the middle of an answer, two turns ahead."""
    await shown(pilot, app, "/replay")
    screen = app.screen
    assert isinstance(screen, ReplayScreen)
    clock.at += 2.857
    await until(pilot, lambda: any("17 % of" in screen.view.line_text(n) for n in range(screen.view.model.total)))
    await pilot.press("space")


SCENES: tuple[Scene, ...] = (
    answered, running, failed, pointed, sought, commands, narrowed, files, dialogs, welcome, dashboard, models,
    timelines, sent, themes, context, tree, helped, palette, keys, providers, comparing,
    compared, searched, pasted, replay, connecting, entering, caps, ended,
)  # fmt: skip
FOUND = Discovery(
    ("anthropic",), (FoundModel(NEIGHBOURS[0], (ModelInfo("llama3.2:3b"), ModelInfo("qwen3:4b"))),), named=True
)


def steady(app: RalphApp) -> None:
    """Nothing blinks."""
    for screen in app.screen_stack:
        for field in screen.query(Input):
            field.cursor_blink = False
