"""What a server lists: tools, resources and prompts, as data that can be stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.tool import Effect


@frozen
class ListedTool(Data):
    """A tool as its server declares it."""

    name: str
    """The server's own name, which may hold any character."""
    description: str
    schema: Mapping[str, Any] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)
    """The server's annotations: `readOnlyHint`, `destructiveHint`, `openWorldHint`, `title`."""

    @property
    def definition(self) -> str:
        """Return name, description and schema as JSON, always in the same order."""
        return json.dumps(
            {"name": self.name, "description": self.description, "schema": self.schema},
            sort_keys=True,
            ensure_ascii=False,
            indent=1,
        )

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.definition.encode("utf-8", "surrogatepass")).hexdigest()


@frozen
class ListedResource(Data):
    """A resource, or a template of resources, as its server declares it."""

    uri: str
    """The address; of a template with `{names}` in it."""
    name: str = ""
    description: str = ""
    template: bool = False


@frozen
class ListedPrompt(Data):
    """A prompt as its server declares it."""

    name: str
    description: str = ""
    arguments: tuple[tuple[str, bool], ...] = ()
    """The names of its arguments, each with whether it must be given."""


@frozen
class ServerLists(Data):
    """Everything that a server lists."""

    protocol: str
    """The revision of the protocol."""
    tools: tuple[ListedTool, ...] = ()
    resources: tuple[ListedResource, ...] = ()
    prompts: tuple[ListedPrompt, ...] = ()
    ttl_s: float = 0.0
    """How long the lists stay fresh, as the server says; 0 if it says nothing."""


def effect_of_hints(hints: Mapping[str, Any], *, trust: bool) -> Effect:
    """Return the effect of a tool: `unknown`, unless the server is trusted and says that the tool only reads."""
    if not trust or hints.get("readOnlyHint") is not True:
        return "unknown"
    return "read" if hints.get("openWorldHint") is False else "network"


def write_lists(lists: ServerLists) -> str:
    """Return the lists as JSON."""
    return json.dumps(
        {
            "tools": [[t.name, t.description, t.schema, t.hints] for t in lists.tools],
            "resources": [[r.uri, r.name, r.description, r.template] for r in lists.resources],
            "prompts": [[p.name, p.description, p.arguments] for p in lists.prompts],
        }
    )


def read_lists(text: str, protocol: str, ttl_s: float) -> ServerLists:
    """Return the lists of `write_lists`. Raises `ValueError`."""
    try:
        data = json.loads(text)
        return ServerLists(
            protocol,
            tuple(ListedTool(*row) for row in data["tools"]),
            tuple(ListedResource(*row) for row in data["resources"]),
            tuple(ListedPrompt(n, d, tuple((a, bool(must)) for a, must in args)) for n, d, args in data["prompts"]),
            ttl_s,
        )
    except (TypeError, KeyError) as error:
        raise ValueError("these are not the lists of a server") from error
