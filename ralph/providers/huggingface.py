"""Hugging Face's router: Chat Completions, answered by one of many providers, which a header names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

BASE_URL = "https://router.huggingface.co/v1"
OPTIONS: Mapping[str, Any] = {
    "schema": "json_schema",  # for providers that cannot keep to one: json_object | off
    "think_tags": "auto",  # auto: <think> tags at the beginning of the text are thinking | off: they are text
}


def _open(settings: ProviderSettings) -> Provider:
    # Late: the offer alone needs no adapter.
    from ralph.core.llm.provider import Traits
    from ralph.providers._chat_dialect import CHAT_TAILS, ChatProvider
    from ralph.providers._chat_request import ChatDialect
    from ralph.providers._endpoint import endpoint
    from ralph.providers._huggingface_decoder import HuggingFaceDecoder
    from ralph.providers._schemas import NO_LENGTHS

    options = {**OPTIONS, **settings.options}
    where = endpoint(settings, BASE_URL, CHAT_TAILS)
    dialect = ChatDialect("max_tokens", schema=options["schema"] or "off", left_out=NO_LENGTHS)
    return ChatProvider(settings, where, dialect, Traits(local=where.address.local), HuggingFaceDecoder)


PROVIDER = ProviderSpec(
    open=_open,
    summary="open models by Hugging Face's inference providers",
    key_variables=("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN"),
    base_url=BASE_URL,
    needs_key=True,
    preferred={
        "route": "openai/gpt-oss-20b",
        "tool": "openai/gpt-oss-120b",
        "format": "openai/gpt-oss-120b",
        "summarise": "openai/gpt-oss-20b",
    },
    options=OPTIONS,
    connect="export HF_TOKEN=…  (from huggingface.co/settings/tokens, with the right to call Inference Providers)",
    order=50,
)
