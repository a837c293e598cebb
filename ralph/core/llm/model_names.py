"""How a face names a model: a model that is a file goes by the name of the file."""

from __future__ import annotations

import re

from ralph.core.llm.refs import ModelRef
from ralph.core.sanitise import one_line

# A path, and no name of a hub such as `openai/gpt-oss-120b`.
_PATH = re.compile(r"(?:[/~.\\]|[A-Za-z]:[\\/])|.*[/\\].*\.gguf$", re.IGNORECASE)


def model_name(model: str) -> str:
    """`/models/qwen3-4b.gguf` is `qwen3-4b.gguf`; every other name stays as it is."""
    model = one_line(model)
    return re.split(r"[/\\]", model.rstrip("/\\"))[-1] or model if _PATH.match(model) else model


def ref_name(ref: str, answered: str = "") -> str:
    """A ref with a short model name: `local:qwen3-4b.gguf`.

    A ref without a model leaves the choice to the provider; then `answered`, the model that last answered for it, is
    named, or else the provider alone.
    """
    parsed = ModelRef.parse(one_line(ref))
    model = parsed.model or answered
    return f"{parsed.provider}:{model_name(model)}" if model else parsed.provider


def short_name(ref: str) -> str:
    """The model of a ref without its provider; the provider where the ref names no model."""
    parsed = ModelRef.parse(one_line(ref))
    return model_name(parsed.model) or parsed.provider


def family_name(ref: str) -> str:
    """The same without the vendor's own name in front: `sonnet-5-5` of `anthropic:claude-sonnet-5-5`."""
    return short_name(ref).removeprefix("claude-")
