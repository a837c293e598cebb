"""The sample turn that shows a theme: three steps, a call, code and a table."""

from __future__ import annotations

from dataclasses import replace

from ralph.core.llm.usage import Cost, Usage
from ralph.core.log import events as ev
from ralph.core.log import ids
from ralph.core.log.envelope import Envelope
from ralph.core.timeline.turns import Turn, fold_turn

ANSWER = """\
## Seventeen percent

Of 2,340 that is **397.8**; in `Python`:

```python
def share(percent, whole=100):
    return percent / 100 * whole  # 397.8
```

| part | whole |
|-----:|------:|
| 397.8 | 2,340 |
"""
AT = "2026-11-20T14:02:11+00:00"
_STEPS = (
    ("route", "claude-haiku-4-5", 0.0, 410.0, 370_000),
    ("tool", "claude-sonnet-5-5", 410.0, 1500.0, 2_100_000),
    ("format", "claude-sonnet-5-5", 1500.0, 2300.0, 1_700_000),
)


def preview_turn() -> Turn:
    """Return the sample turn, folded from events as any turn is."""
    steps: list[tuple[float, ev.Event]] = [(0, ev.TurnStarted("What is 17 % of 2,340?"))]
    for number, (role, model, start, end, nano) in enumerate(_STEPS, 2):
        steps += _step(number, role, model, start, end, nano)
    cost = Cost(sum(nano for *_, nano in _STEPS), "computed")
    steps.append((2300.0, ev.TurnFinished("ok", ANSWER, _usage(3), cost, 2300.0)))
    return fold_turn([Envelope("preview", n, 1, AT, ms, event) for n, (ms, event) in enumerate(steps, 1)])


def _step(number: int, role: str, model: str, start: float, end: float, nano: int) -> list[tuple[float, ev.Event]]:
    kind: ev.BlockKind = role  # type: ignore[assignment]
    block = ids.block_id(1, number)
    attempt = ids.attempt_id(block, 1)
    used, cost, took = _usage(1), Cost(nano, "computed"), end - start
    made: list[tuple[float, ev.Event]] = [
        (start, ev.BlockStarted(block, kind)),
        (start, ev.AttemptStarted(attempt, block, f"anthropic:{model}")),
        (end, ev.AttemptFinished(attempt, "ok", provider="anthropic", model=model, usage=used, cost=cost,
                                 ttft_ms=took / 2, duration_ms=took)),
    ]  # fmt: skip
    if role == "tool":
        call = ids.call_id(block, 1)
        made += [
            (end, ev.ToolRequested(call, attempt, "calculate", {"expression": "0.17*2340"}, "none")),
            (end, ev.ToolFinished(call, "ok", "397.8", duration_ms=12.0)),
        ]
    data = {"tools": ["calculate"], "reason": "arithmetic"} if role == "route" else {}
    text = ANSWER if role == "format" else ""
    done = ev.BlockFinished(block, "ok", text=text, data=data, usage=used, cost=cost, ttft_ms=took / 2)
    return [*made, (end, replace(done, duration_ms=took))]


def _usage(times: int) -> Usage:
    return Usage(input=620 * times, output=62 * times, source="reported")
