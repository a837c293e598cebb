"""Recognises questions that look for words in saved timelines."""

from __future__ import annotations

from dataclasses import replace

from ralph.language.sentence import words
from ralph.rules import paths
from ralph.rules.phrases import Phrasebook
from ralph.rules.plan import Match, one

_MAX_LENGTH = 160
_MAX_WORDS = 5
_BOOK = Phrasebook(
    slots={"text": r"\"[^\"]{1,100}\"|'[^']{1,100}'|`[^`]{1,100}`|[^\"'`?,;]{1,60}?"},
    parts={
        "timelines": "[my|the|all|our|all my|all the|any of my|any|other|past] "
        "[saved|old|past|previous|earlier|other|stored] "
        "(timeline|timelines|conversation|conversations|chat|chats|chat history|conversation history|history|sessions)",
        "asked": "ask|asked|talk|talked|mention|mentioned|discuss|discussed",
        "about": "about|is about|are about|was about|were about|talk about|talks about",
        "mention": "mention|mentions|contain|contains|hold|holds|include|includes",
    },
)
# Words of an order or a further question; with them, the rest is more than words to search for.
_NOT_SOUGHT = words(
    "and then or but tell me summarise summarize explain what how which who whom why when where describe if it that"
)
_SEARCHES = tuple(
    _BOOK.phrase(text)
    for text in (
        "search [in|through|over] <timelines> (for|about) [the (word|words)] {text}",
        "(find|search for|search|look for|look up) [the word|[all] mentions of|anything about] {text} in <timelines>",
        "(which|what) [of] <timelines> (<mention>|<about>) [the word] {text}",
        "(find|list|show|show me) <timelines> [that] (<mention>|<about>) [the word] {text}",
    )
)
# Questions about what was said, also in other words: the hits hold the answer, and without hits there is none.
_MEMORIES = tuple(
    _BOOK.phrase(text)
    for text in (
        "in which <timelines> (did|have) (i|we) <asked> [about] {text}",
        "(did|have) (i|we) ever <asked> [you] [about] {text} [before]",
        "(did|have) (i|we) [already] <asked> [you] [about] {text} (before|earlier|in <timelines>)",
        "when did (i|we) [last] <asked> [you] [about] {text}",
    )
)
_FORMS = (*_SEARCHES, *_MEMORIES)


def match(text: str) -> Match | None:
    """Return a `timeline_search` call if the whole text asks for one."""
    if len(text) > _MAX_LENGTH:
        return None
    phrase, groups = next(((one_of, found) for one_of in _FORMS if (found := one_of.match(text))), (None, None))
    written = (groups or {}).get("text") or ""
    sought = paths.strip_quotes(written).strip()
    said = sought.lower().split()
    if not sought or (not paths.is_quoted(written) and (len(said) > _MAX_WORDS or _NOT_SOUGHT.intersection(said))):
        return None
    made = one("other", "a search in saved timelines", "timeline_search", query=sought)
    return replace(made, exact=phrase in _SEARCHES)
