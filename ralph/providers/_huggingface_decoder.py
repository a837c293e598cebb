"""Chat Completions through Hugging Face's router. A response header names the provider that really answered."""

from __future__ import annotations

from collections.abc import Mapping

from ralph.providers._chat_decoder import ChatDecoder


class HuggingFaceDecoder(ChatDecoder):
    """Keeps the provider that really answered, by its name in price tables, because the price depends on it."""

    def head(self, headers: Mapping[str, str]) -> None:
        super().head(headers)
        if by := headers.get("x-inference-provider"):
            self.report(provider=f"huggingface_{by}")
