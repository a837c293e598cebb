"""Any server that speaks OpenAI's Chat Completions: llama.cpp, vLLM, LM Studio, OpenRouter and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.errors import ConfigFailure
from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

OPTIONS: Mapping[str, Any] = {
    "schema": "json_schema",  # how an answer of a given shape is asked for: json_schema | json_object | off
    "max_tokens_field": "max_tokens",  # max_tokens | max_completion_tokens
    "think_tags": "auto",  # auto: <think> tags at the beginning of the text are thinking | off: they are text
    "headers": {},  # more headers for each request
    "one_slot": None,  # a second request waits for the first; null: a server on this machine is asked, and if it
    # does not tell, yes
}


def open_compatible(settings: ProviderSettings) -> Provider:
    """Return a provider for the server at `base_url`, mostly ending in `/v1`. Raises `ConfigFailure` without one."""
    # Late: the offer alone needs no adapter.
    from ralph.providers._chat_dialect import open_dialect
    from ralph.providers._chat_request import ChatDialect

    if not settings.base_url:
        raise ConfigFailure(f"providers.{settings.name}: base_url is missing, for example http://127.0.0.1:8080/v1")
    given = settings.with_defaults(OPTIONS)
    return open_dialect(given, ChatDialect(max_tokens=given.options["max_tokens_field"]), "")


PROVIDER = ProviderSpec(
    open=open_compatible,
    summary="any server that speaks OpenAI's Chat Completions",
    options=OPTIONS,
    connect="write `my-server: {kind: openai_compatible, base_url: http://…/v1}` under `providers:` in the config",
    order=60,
)
