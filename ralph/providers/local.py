"""Models in this process: a GGUF file, run by llama.cpp (the extra `local`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ralph.core.llm.provider import Provider
from ralph.core.ports.provider_spec import ProviderSettings, ProviderSpec

OPTIONS: Mapping[str, Any] = {
    "num_ctx": 8192,  # the window in tokens, bounded by the model's own; more takes more memory
    "threads": 0,  # of the processor; 0: half of its cores
    "gpu_layers": 999,  # layers that a GPU computes, where xllamacpp was built for one; 999: all of them
    "batch": 32,  # tokens of a prompt that are read at once; Esc waits for one batch, a GPU is faster with 512
    "think_tags": "auto",  # auto: <think> tags at the beginning of the text are thinking | off: they are text
}


def _open(settings: ProviderSettings) -> Provider:
    from ralph.providers._local_adapter import LocalProvider  # late: the offer alone needs no adapter

    return LocalProvider(settings.with_defaults(OPTIONS))


# Nothing configures it by itself, so `auto` never chooses it: a person names it.
PROVIDER = ProviderSpec(
    open=_open,
    summary="a GGUF file in this process, by llama.cpp",
    local=True,
    free=True,
    options=OPTIONS,
    connect="pip install 'ralph[local]'; ralph models pull local:smollm2-135m; ralph -m local:smollm2-135m",
    order=900,
)
