"""OpenAI's API: Responses, or Chat Completions at any other server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

BASE_URL = "https://api.openai.com/v1"
OPTIONS: Mapping[str, Any] = {
    "api": "",  # responses | chat; empty: responses at OpenAI itself, chat at any other base_url
    "thinking": "off",  # auto: summaries of the reasoning are shown (OpenAI wants a verified organisation for them)
    "effort": "",  # none | minimal | low | medium | high | xhigh; empty: the model's own default
    "think_tags": "auto",  # chat wire: <think> tags at the beginning of the text are thinking | off: they are text
    "transport": "auto",  # sdk | http | auto: http, or the SDK where something else has loaded it
}


def _open(settings: ProviderSettings) -> Provider:
    from ralph.providers._openai_adapter import open_openai  # late: the offer alone needs no adapter

    return open_openai(settings.with_defaults(OPTIONS), BASE_URL)


PROVIDER = ProviderSpec(
    open=_open,
    summary="OpenAI's GPT models",
    key_variables=("OPENAI_API_KEY",),
    url_variables=("OPENAI_BASE_URL",),
    base_url=BASE_URL,
    needs_key=True,
    preferred={
        "route": "gpt-6-luna",
        "tool": "gpt-6.1-sol",
        "format": "gpt-6.1-sol",
        "summarise": "gpt-6-luna",
    },
    options=OPTIONS,
    connect="export OPENAI_API_KEY=…  (a key from platform.openai.com)",
    order=20,
)
