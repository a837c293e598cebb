"""The settings of a session: models, gateway, tools, context policy, clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from ralph.core.clock import Clock
from ralph.core.data import Data, frozen
from ralph.core.log.events import Note
from ralph.core.log.listener import NamedListener
from ralph.core.log.recording import Gateway
from ralph.core.masking import Secrets
from ralph.core.ports.context import ContextPolicy
from ralph.core.ports.user_input import UserInput
from ralph.pipeline.plan import SpeculationPolicy, ToolPolicy
from ralph.session.models.directory import ModelDirectory


@frozen
class Settings(Data):
    """The parts that a session uses."""

    models: ModelDirectory
    gateway: Callable[[], Gateway]
    tools: Callable[[], ToolPolicy]
    context: ContextPolicy
    clock: Clock
    versions: Mapping[str, str]
    system: str = ""
    secrets: Secrets | None = None
    run: str = ""  # the id of the ledger's rows if nothing is saved
    speculation: SpeculationPolicy = SpeculationPolicy()
    listeners: Callable[[], Sequence[NamedListener]] = tuple
    ready: Callable[[UserInput, bool], Awaitable[tuple[UserInput, tuple[Note, ...]]]] | None = None
    """Opens the tools that this message must find open, and adds what it names beside files to its context, but not
    (second argument) if it is sent again. The notes say what could not be read."""
