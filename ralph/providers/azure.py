"""Azure OpenAI: GPT and other models as deployments of a resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

OPTIONS: Mapping[str, Any] = {
    "resource": "",  # the resource's name, in place of base_url: https://NAME.openai.azure.com
    "api_version": "",  # empty: the v1 API; a date such as 2025-04-01-preview: the classic API
    "api": "",  # responses | chat; empty: responses, and chat with an api_version
    "base_model": "",  # the model behind every deployment, for price and window
    "base_models": {},  # or for each: {DEPLOYMENT: MODEL}
    "auth": "",  # entra: a token of Entra ID (extra azure) | key: what api_key_command prints goes in `api-key`
    "thinking": "off",  # auto: summaries of the reasoning are shown
    "effort": "",  # none | minimal | low | medium | high | xhigh; empty: the model's own default
    "think_tags": "auto",  # chat wire: <think> tags at the beginning of the text are thinking | off: they are text
    "transport": "auto",  # sdk | http | auto: http, or the SDK where something else has loaded it
}


def _open(settings: ProviderSettings) -> Provider:
    from ralph.providers._azure_adapter import open_azure  # late: the offer alone needs no adapter

    return open_azure(settings.with_defaults(OPTIONS))


PROVIDER = ProviderSpec(
    open=_open,
    summary="models of an Azure OpenAI resource",
    key_variables=("AZURE_OPENAI_API_KEY",),
    url_variables=("AZURE_OPENAI_ENDPOINT",),
    needs_address=True,
    options=OPTIONS,
    connect="export AZURE_OPENAI_ENDPOINT=https://NAME.openai.azure.com AZURE_OPENAI_API_KEY=…",
    order=30,
    price_table="openai",
)
