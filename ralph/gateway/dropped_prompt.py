"""Detects that a server silently read less than it was sent."""

from __future__ import annotations

from dataclasses import replace

from ralph import counting
from ralph.core.llm.request import Request
from ralph.core.llm.usage import Usage
from ralph.core.log import events as ev

# A shorter prompt fits every default window of a server (2,048 tokens and more).
LEAST = 1000
# The estimate is within some 15 % of a tokenizer's count, so a report of half of it is no error of the estimate.
SHARE = 0.5


def note_dropped_prompt(request: Request, reported: Usage | None, block: str, option: str) -> ev.Note | None:
    """Return a loud note if the server read far less of the prompt than it was sent, else None.

    Servers of local models drop the start of a conversation that does not fit their window, and answer all the same.
    Only the conversation is counted, because tools and the shape of an answer do not always reach the model. A server
    that reports nothing or zero may have had the prompt in its cache. `option` is the setting that would help.
    """
    if reported is None or reported.source != "reported" or not reported.input:
        return None
    sent = counting.estimate_request(replace(request, tools=(), schema=None))
    if sent <= LEAST or reported.input >= sent * SHARE:
        return None
    text = (
        f"the server read only {reported.input:,} of about {sent:,} tokens that were sent: the start of the "
        f"conversation was probably dropped; raise {option}"
    )
    return ev.Note("dropped_prompt", text, block, {"sent": sent, "read": reported.input, "loud": True})
