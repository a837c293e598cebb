"""Reads the usage and cost that Chat Completions and its imitators report, under every name they use."""

from __future__ import annotations

from ralph.core.llm.usage import Usage
from ralph.providers._figures import Figures


def chat_usage(figures: Figures) -> Usage | None:
    """Return the usage in ralph's token classes. OpenAI's totals include cached tokens and, mostly, reasoning.

    Names: OpenAI's, then Anthropic's and Responses' (mlx-vlm, gateways), Google's, Ollama's, and camel case.
    """
    read = figures.count(
        "input", "prompt_tokens", "input_tokens", "promptTokens", "inputTokens", "promptTokenCount",
        "prompt_token_count", "prompt_eval_count",
    )  # fmt: skip
    out = figures.count(
        "output", "completion_tokens", "output_tokens", "completionTokens", "outputTokens", "generated_tokens",
        "candidatesTokenCount", "completion_token_count", "eval_count",
    )  # fmt: skip
    total = figures.count("total", "total_tokens", "totalTokens", "totalTokenCount", "total_token_count")
    reasoning = figures.count(
        "reasoning",
        ("completion_tokens_details", "reasoning_tokens"),
        ("output_tokens_details", "reasoning_tokens"),
        "reasoning_tokens",
        "thoughtsTokenCount",
    )
    figures.doubtful.pop("total", None)  # an unreadable total is not needed
    if total and total < (read or 0) + (out or 0):
        figures.doubtful["total"] = f"{total} for {read or 0} and {out or 0}"
    elif total and read is not None and out is None and total >= read:
        out = total - read
    elif total and out is not None and read is None and total >= out:
        read = total - out
    if reasoning and out is not None and read is not None and total == read + out + reasoning:
        out += reasoning  # xAI counts reasoning beside the completion
    cached = figures.count(
        "cache_read",
        ("prompt_tokens_details", "cached_tokens"),
        ("input_tokens_details", "cached_tokens"),
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "cache_read_input_tokens",
        "cachedContentTokenCount",
    )
    written = figures.count(
        "cache_write",
        ("prompt_tokens_details", "cache_write_tokens"),
        ("prompt_tokens_details", "cache_creation_tokens"),
        "cache_creation_input_tokens",
    )
    if read is not None and figures.has("cache_read_input_tokens") and not figures.has("prompt_tokens"):
        read += (cached or 0) + (written or 0)  # Anthropic's own form, whose input leaves out the cache
    return figures.usage(read, out, cached=cached, written=written, reasoning=reasoning)


def chat_cost(figures: Figures) -> int | None:
    """Return the cost in nano-dollars if the server states a charge, else None."""
    ticks = figures.cost("cost_in_usd_ticks", per_dollar=10**10)  # xAI
    if ticks is not None:
        return ticks
    return figures.cost("cost", ("cost", "total_cost"), "total_cost", "estimated_cost", ("cost_details", "total_cost"))
