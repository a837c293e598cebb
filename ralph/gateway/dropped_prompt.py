"""What a server did not tell: that it read less than was sent."""

from __future__ import annotations

from dataclasses import replace

from ralph import counting
from ralph.core.llm.request import Request
from ralph.core.llm.usage import Usage
from ralph.core.log import events as ev

# A shorter prompt fits every window that a server opens by itself (2,048 tokens and up).
LEAST = 1000
# The estimate is within some 15 % of what a tokenizer counts, so half of it is no mistake of ours.
SHARE = 0.5


def note_dropped_prompt(request: Request, reported: Usage | None, block: str, option: str) -> ev.Note | None:
    """A loud note, if a server read far less of the prompt than it was sent; None where nothing speaks for it.

    Servers of local models drop the start of a conversation that does not fit their window, and answer all the same.
    Counted is the conversation alone: tools and the shape of an answer are not always put before the model. A server
    that tells nothing, or zero, may have had all of it in its cache. `option` is the setting that would help.
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
