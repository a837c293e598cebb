"""The sentence for an answer without text."""

from __future__ import annotations

from ralph.core.llm.refs import ModelRef


def empty_answer(ref: ModelRef, *, reasoned: bool) -> str:
    """Return the sentence. `reasoned`: the model's thinking arrived, but no text after it."""
    if reasoned:
        return (
            f"{ref} only reasoned and gave no answer; ask again, raise its output limit, "
            "or have it reason less with /set effort low or /set thinking off"
        )
    return f"{ref} gave an empty answer; ask again, or choose another model with -m or /model"
