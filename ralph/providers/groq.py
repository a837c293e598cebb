"""Groq: Chat Completions, with usage and late errors in a field of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

BASE_URL = "https://api.groq.com/openai/v1"
OPTIONS: Mapping[str, Any] = {
    "schema": "json_schema",  # for models that cannot keep to one: json_object | off
    "think_tags": "auto",  # auto: <think> tags at the beginning of the text are thinking | off: they are text
}


def _open(settings: ProviderSettings) -> Provider:
    # Late: the offer alone needs no adapter.
    from ralph.core.llm.provider import Traits
    from ralph.providers._chat_dialect import CHAT_TAILS, ChatProvider
    from ralph.providers._chat_request import ChatDialect
    from ralph.providers._endpoint import endpoint
    from ralph.providers._schemas import NO_LENGTHS

    options = {**OPTIONS, **settings.options}
    where = endpoint(settings, BASE_URL, CHAT_TAILS)
    dialect = ChatDialect("max_completion_tokens", schema=options["schema"] or "off", left_out=NO_LENGTHS)
    return ChatProvider(settings, where, dialect, Traits(local=where.address.local))


PROVIDER = ProviderSpec(
    open=_open,
    summary="open models on Groq's fast machines",
    key_variables=("GROQ_API_KEY",),
    base_url=BASE_URL,
    needs_key=True,
    preferred={
        "route": "openai/gpt-oss-20b",
        "tool": "openai/gpt-oss-120b",
        "format": "openai/gpt-oss-120b",
        "summarise": "openai/gpt-oss-20b",
    },
    options=OPTIONS,
    connect="export GROQ_API_KEY=…  (a key from console.groq.com)",
    order=40,
)
