"""Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

BASE_URL = "https://api.anthropic.com"
OPTIONS: Mapping[str, Any] = {
    "thinking": "off",  # off | adaptive | a budget in tokens (older models)
    "max_tokens": 8192,  # the API wants a bound; this one, unless a step or `/set max_output` asks for another
    "transport": "auto",  # sdk | http | auto: http, or the SDK where something else has loaded it
}


def _open(settings: ProviderSettings) -> Provider:
    from ralph.providers._anthropic_adapter import AnthropicProvider  # late: the offer alone needs no adapter

    return AnthropicProvider(settings.with_defaults(OPTIONS), BASE_URL)


PROVIDER = ProviderSpec(
    open=_open,
    summary="Anthropic's Claude models",
    key_variables=("ANTHROPIC_API_KEY",),
    url_variables=("ANTHROPIC_BASE_URL",),
    base_url=BASE_URL,
    needs_key=True,
    preferred={
        "route": "claude-haiku-5-5",
        "tool": "claude-sonnet-5-5",
        "format": "claude-sonnet-5-5",
        "summarise": "claude-haiku-5-5",
    },
    options=OPTIONS,
    connect="export ANTHROPIC_API_KEY=…  (a key from console.anthropic.com)",
    order=10,
)
