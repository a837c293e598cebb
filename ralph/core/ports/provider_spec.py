"""What a provider's file offers, and one entry of `providers:` in the configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.provider import Provider
from ralph.core.log.envelope import Envelope

Recorded = Callable[[str], Awaitable[Sequence[Envelope]]]


@frozen
class ProviderSettings(Data):
    """One entry of `providers:`. `api_key` never appears in a repr.

    `key_from` and `url_from` say where key and address were written, for a sentence: a variable or a key of the
    configuration. `environ` is the environment, for the network's own variables (proxies, certificates).
    `found` is the day on which ralph found it by itself, for the sentence of a failure; empty for what was configured.
    `recorded` reads every event of a stored timeline, for a provider that plays one; None where nothing is stored.
    """

    name: str
    kind: str
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    connect_s: float = 5.0
    first_token_s: float = 300.0
    idle_s: float = 90.0
    key_from: str = ""
    url_from: str = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    found: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    recorded: Recorded | None = None

    def with_defaults(self, options: Mapping[str, Any]) -> ProviderSettings:
        """These settings; an option that they leave out has the value given here."""
        return replace(self, options={**options, **self.options})


@frozen
class ProviderSpec(Data):
    """What a provider's file offers under the name `PROVIDER`.

    `key_variables` and `url_variables` are the vendor's own environment names, first match wins. `needs_key`:
    without one it is not configured. `preferred` is the model to use for a role when the person named none; a provider
    that lists its own models leaves it empty. `options` are the extra keys its configuration may have, with defaults.
    `connect` is one line for a person: the command that would connect it.
    """

    open: Callable[[ProviderSettings], Provider]
    summary: str
    key_variables: tuple[str, ...] = ()
    url_variables: tuple[str, ...] = ()
    base_url: str = ""
    needs_key: bool = False
    local: bool = False
    free: bool = False
    preferred: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    connect: str = ""
    order: int = 100
