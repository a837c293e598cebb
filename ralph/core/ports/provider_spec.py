"""The offer of a provider's file, and one entry of `providers:` in the configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.llm.provider import Provider
from ralph.core.log.envelope import Envelope
from ralph.core.ports.keys import KeySource

Recorded = Callable[[str], Awaitable[Sequence[Envelope]]]


@frozen
class ProviderSettings(Data):
    """One entry of `providers:`. `api_key` never appears in a repr.

    `key_from` and `url_from` name the variable or the configuration key of key and address, for a sentence. `environ`
    is the environment, for the network's own variables (proxies, certificates). `found` is the day on which ralph found
    the provider by itself, for a failure's sentence; empty for a configured provider. `recorded` reads every event of a
    stored timeline, for a provider that plays one; None if nothing is stored.
    """

    name: str
    kind: str
    api_key: str = field(default="", repr=False)
    base_url: str = ""
    connect_s: float = 5.0
    first_token_s: float = 300.0
    idle_s: float = 90.0
    key_from: str = ""
    key_source: KeySource | None = None
    """Where the key comes from; None without a key."""
    url_from: str = ""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    found: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    recorded: Recorded | None = None

    def with_defaults(self, options: Mapping[str, Any]) -> ProviderSettings:
        """Return these settings with the given values for missing options."""
        return replace(self, options={**options, **self.options})


def find_base_model(options: Mapping[str, Any], model: str) -> str:
    """Return the model behind a deployment, as the options `base_models` or `base_model` name it; else the name."""
    each: Mapping[str, Any] = options.get("base_models") or {}
    return str(each.get(model) or options.get("base_model") or model)


@frozen
class ProviderSpec(Data):
    """The offer of a provider's file under the name `PROVIDER`.

    `key_variables` and `url_variables` are the vendor's own environment names; the first match wins. `needs_key`:
    without a key the provider is not configured. `preferred` is the model of a role if the person named none; a
    provider that lists its own models leaves it empty. `options` are the extra keys of its configuration, with
    defaults. `connect` is one line for a person: the command that connects the provider.
    """

    open: Callable[[ProviderSettings], Provider]
    summary: str
    key_variables: tuple[str, ...] = ()
    url_variables: tuple[str, ...] = ()
    base_url: str = ""
    needs_key: bool = False
    needs_address: bool = False
    """Without an address of the person's own, the provider is not configured, even if it has a key."""
    local: bool = False
    free: bool = False
    preferred: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    connect: str = ""
    order: int = 100
    price_table: str = ""
    """The vendor's id in the price table; empty if it is the name of the provider's file."""
