"""Ollama through its native API, which alone can set the context window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

BASE_URL = "http://127.0.0.1:11434"
OPTIONS: Mapping[str, Any] = {
    "num_ctx": 16384,  # the window to ask for, bounded by the model's own; another value makes the server load anew
    "thinking": "auto",  # auto (the model's own way) | off | on | low | medium | high
    "think_tags": "auto",  # auto: <think> tags at the beginning of the text are thinking | off: they are text
    "keep_alive": None,  # how long the model stays loaded: "10m", 0, -1; null: the server's own way
}


def _open(settings: ProviderSettings) -> Provider:
    from ralph.providers._ollama_adapter import OllamaProvider  # late: the offer alone needs no adapter

    return OllamaProvider(settings.with_defaults(OPTIONS), BASE_URL)


PROVIDER = ProviderSpec(
    open=_open,
    summary="models on your own machine, by Ollama",
    url_variables=("OLLAMA_HOST",),
    base_url=BASE_URL,
    local=True,
    free=True,
    options=OPTIONS,
    connect="start Ollama (`ollama serve`) and get a model (`ollama pull qwen3:4b`)",
    order=70,
)
