"""The tool that finds earlier conversations by full-text search over the saved timelines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, SearchHit, ToolCall, ToolFailure
from ralph.tools._arguments import check_arguments

_SPEC = ToolSpec(
    "timeline_search",
    "Searches the saved timelines (earlier conversations, this one left out) for all words of `query`; tells the "
    "timeline's id, the turn, the day and an excerpt.",
    {
        "type": "object",
        "properties": {
            "query": {"type": "string"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 50},
        },
        "required": ["query"],
        "additionalProperties": False,
    },
)
_LIMIT = 10
_EXCERPT = 200


@frozen
class SearchTimelines(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "read"

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str:
        given = check_arguments(self.spec, arguments)
        query, limit = given["query"].strip(), given.get("limit", _LIMIT)
        if not query:
            raise ToolFailure("the words to search for are empty")
        if call.search is None:
            raise ToolFailure("saved timelines cannot be searched here: nothing is stored in this run")
        try:
            found = await call.search.search(query, limit * 5)
        except Failure as failure:
            raise ToolFailure(f"the saved timelines could not be searched: {failure.message}") from None
        # The question itself is in this timeline and would always match.
        hits = [hit for hit in found if hit.timeline != call.timeline]
        return _format_hits(query, hits, limit)


def _format_hits(query: str, hits: list[SearchHit], limit: int) -> str:
    if not hits:
        return f'No other saved timeline holds "{query}".'
    timelines = len({hit.timeline for hit in hits[:limit]})
    head = f'"{query}" stands in {timelines} saved timeline{"" if timelines == 1 else "s"}:'
    return "\n".join([head, "", *(_row(hit) for hit in hits[:limit])])


def _row(hit: SearchHit) -> str:
    excerpt = " ".join(hit.excerpt.split())[:_EXCERPT].replace("`", "'")
    title = f" · {hit.title}" if hit.title else ""
    return f"- {hit.timeline}{title} · turn {hit.turn} ({hit.kind}), {hit.at[:10]}: {excerpt}"


TOOL = SearchTimelines()
