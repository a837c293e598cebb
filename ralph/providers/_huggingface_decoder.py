"""Chat Completions by Hugging Face's router, which names in a header who really answered."""

from __future__ import annotations

from collections.abc import Mapping

from ralph.providers._chat_decoder import ChatDecoder


class HuggingFaceDecoder(ChatDecoder):
    """The price depends on who really answered, so that is kept, by the name that price tables have for it."""

    def head(self, headers: Mapping[str, str]) -> None:
        super().head(headers)
        if by := headers.get("x-inference-provider"):
            self.report(provider=f"huggingface_{by}")
