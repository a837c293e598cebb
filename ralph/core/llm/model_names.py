"""The names of models for people: a model that is a file has the name of the file."""

from __future__ import annotations

import re

from ralph.core.llm.refs import ModelRef
from ralph.core.sanitise import one_line

# A path, but not a name of a hub such as `openai/gpt-oss-120b`.
_PATH = re.compile(r"(?:[/~.\\]|[A-Za-z]:[\\/])|.*[/\\].*\.gguf$", re.IGNORECASE)


def model_name(model: str) -> str:
    """Return `qwen3-4b.gguf` for `/models/qwen3-4b.gguf`; every other name is returned unchanged."""
    model = one_line(model)
    return re.split(r"[/\\]", model.rstrip("/\\"))[-1] or model if _PATH.match(model) else model


def ref_name(ref: str, answered: str = "") -> str:
    """Return a ref with a short model name: `local:qwen3-4b.gguf`.

    A ref without a model leaves the choice to the provider. It is shown with `answered`, the model that last answered
    for it, or else as the provider alone.
    """
    parsed = ModelRef.parse(one_line(ref))
    model = parsed.model or answered
    return f"{parsed.provider}:{model_name(model)}" if model else parsed.provider


def short_name(ref: str) -> str:
    """Return the model of a ref without its provider; without a model, the provider."""
    parsed = ModelRef.parse(one_line(ref))
    return model_name(parsed.model) or parsed.provider


def family_name(ref: str) -> str:
    """Return the short name without the vendor's prefix: `sonnet-5-5` for `anthropic:claude-sonnet-5-5`."""
    return short_name(ref).removeprefix("claude-")
