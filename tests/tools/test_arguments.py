"""Whatever a model sends, a tool answers with text or a sentence."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ralph.core.llm.tool import EFFECTS, Tool, ToolFailure
from ralph.core.llm.tool_output import ToolOutput
from tests.rules.offline_turn import NAMES, TOOLS, surroundings

VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.lists(st.text(max_size=5),
    max_size=2),
    st.sampled_from(["list", "read", "count", "now", "day", "shift", "2+2", "10 km", "*.txt", ".", "..", "today",
    "lines"]),
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
async def test_no_argument_breaks_a_tool(name: str, data: st.DataObject, tmp_path: Any) -> None:
    tool: Tool = TOOLS[name]
    known = st.sampled_from([*tool.spec.schema["properties"], "extra"])
    arguments = data.draw(st.dictionaries(known, VALUES, max_size=6))
    with contextlib.suppress(ToolFailure):
        assert isinstance(await tool.run(arguments, surroundings(tmp_path)), str | ToolOutput)


@pytest.mark.parametrize("name", NAMES)
def test_every_tool_describes_itself(name: str) -> None:
    tool = TOOLS[name]
    assert tool.spec.name == name
    assert tool.spec.schema["additionalProperties"] is False
    assert len(tool.spec.description.partition(". ")[0]) > 20
    assert tool.effect in EFFECTS


async def test_null_counts_as_not_given(tmp_path: Any) -> None:
    given = {"action": "list", "path": None, "pattern": None, "count": None}
    assert "holds 0 entries" in await TOOLS["files"].run(given, surroundings(tmp_path))
