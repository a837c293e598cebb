"""Recognises questions about ralph, and finds the section of its guides that clearly answers."""

from __future__ import annotations

import re
from enum import Enum

from ralph.language.sentence import MAX_PARTS, words
from ralph.rules.guide_index import guide_index
from ralph.rules.guide_names import names_in, without_names
from ralph.rules.guide_spelling import write_out
from ralph.rules.guide_subjects import (
    BARE_WORDS,
    DEFINED,
    EVERYBODYS,
    FAINT,
    FRAME,
    HARDLY_THEIRS,
    ME,
    NAME_WORDS,
    OUR_WORDS,
    OURS,
    POLYSEMOUS,
    SHARED,
    SURE,
    THEIR_WORDS,
    THEIRS,
    VENDORS,
)
from ralph.rules.guide_vocabulary import SMALL
from ralph.rules.guide_words import read
from ralph.rules.plan import Match, PlannedCall, one

_MAX_LENGTH = 160
_REASON = "a question about ralph"
# The most words of a message that is answered though it does not have the form of a question.
_FEW = 10
_ASKED = re.compile(
    r"(?:.{3,60}[,.;:!] (?:(?:so|but|and) )?)?(?:"  # after words that introduce the question
    r"how|what|what's|whats|where|where's|which|who|why|when|can|could|does|do|did|is|are|am|was|will|would|should|"
    r"may|must|has|have|any|any way|let it|let ralph|want to|there is|i want to|i need to|i would like to|i'd like to|"
    r"i don't|i can't|i cannot|need to|trying to|help me|show me (?:the|my|all)|let me see|explain|list|i keep|i need|"
    r"i have|i forgot|it (?:says|said|keeps|does|hangs|won't)|ralph|my)\b",
    re.IGNORECASE,
)
# An order to a model, not a question, though it ends with a question mark.
_ORDER = re.compile(r"(?:please )?(?:can|could|would|will) you (?!remember|store|save|keep|work)", re.IGNORECASE)
_WHAT_IS = re.compile(
    r"(?:what|who)(?:'?s| is| are| was) (?!in\b|there\b|this\b)|what (?:does|do|did) .* mean\b|"
    r"explain (?:what )?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\bralph\b|\bthis (?:app|application|program|repl|cli|tui|terminal app)\b|\btimelines?\b|\bledger\b|"
    r"\bslash commands?\b|(?<!\S)/[a-z]+\b(?!/)|\bRALPH_\w+|\bno_model\b|[≥↑↓]",
    re.IGNORECASE,
)
# What some add to a question: `it says no key is set, what now`.
_TAIL = re.compile(
    r"[,;.\s]+(?:what now|now what|what (?:can|do|should|must) i do|what to do|how to do(?: it| that| this)?|"
    r"any ideas?|(?:is (?:it|that|this) )?possible|how)$",
    re.IGNORECASE,
)
# Another ralph: a person of this name, or a known one.
_ANOTHER = re.compile(
    r"\b(?:my|his|her|our|their|an?) [a-z]+(?: named| called)? ralph\b|"
    r"\bralph (?:lauren|waldo|emerson|fiennes|nader|macchio|wiggum|vaughan|ellison)\b|\bwreck[- ]it ralph\b",
    re.IGNORECASE,
)
# A piece of a program: whoever asks about it does not ask about ralph.
_CODE = re.compile(r"\w\(|[{};]|[=-]>|\w = \w")
# Words that refer to the program.
_IT = re.compile(r"\b(?:it(?! takes?\b)|you|yours?|in here)\b|\b(?:this|that)(?: cost| work|$)", re.IGNORECASE)
_DEFINITE = re.compile(r" (?:the|my own) ", re.IGNORECASE)
_AND_MORE = re.compile(r" and (?:also )?(?:why|what|how|who|when|where|tell|explain|then) ", re.IGNORECASE)
_PLACE = re.compile(r" (?:in|with|on) ([a-z]+)$")
_NO_PLACE = words("it this that here there me you general use one all both mine")
_GENERAL = re.compile(
    r"what can i do (?:here|with (?:this|it))|help|help me|what can you do(?: without a model| here)?|what can ralph do"
    r"(?: without a model| for me| here)?|what do you do|(?:what|who) (?:is|are) (?:ralph|you, ralph)|"
    r"what is this program|how does this work|what does ralph do|usage",
    re.IGNORECASE,
)


class _Meant(Enum):
    """The subject of a question, judged by its words; it decides how similar a guide's wording must be."""

    RALPH = 0.75
    PERHAPS = 0.84
    OPEN = 0.9
    RATHER_NOT = 0.95
    NOT = 2.0


# The similarity from which a few words without the form of a question are one: `undo my last message`.
_BRIEF = {_Meant.RALPH: 0.95, _Meant.PERHAPS: 0.95, _Meant.OPEN: 0.99}


def names_ralph(prompt: str) -> bool:
    """Return whether the prompt means ralph: by name, as a program, or by a word that only ralph has."""
    return bool(_NAMED.search(prompt))


def match_prompt(prompt: str, text: str) -> Match | None:
    """Match the whole prompt. The text around the plain `text` adds evidence: a name before it, a mark after it."""
    asked = prompt.rstrip().endswith("?") and not _ORDER.match(prompt)
    named = names_ralph(prompt)
    return match(text, named=named, asked=asked) if named or asked else None


def match(text: str, *, named: bool = False, asked: bool = False) -> Match | None:
    """Return `guides` calls if sections of the guides clearly answer the whole text.

    `named`: the question was addressed to ralph. `asked`: the question ended with a question mark.
    """
    if len(text) > _MAX_LENGTH or any(sign.search(text) for sign in (_AND_MORE, _ANOTHER, _CODE)):
        return None
    text, tails = _TAIL.subn("", write_out(text))
    asked = asked or tails > 0
    if _GENERAL.fullmatch(text):
        return _guide("What is ralph?" if "without" not in text else "What can ralph do without a model?")
    named = named or names_ralph(text)
    names = names_in(text)
    if names and len(names) <= MAX_PARTS and set(read(without_names(text)).concepts) <= NAME_WORDS:
        return Match(tuple(PlannedCall("guides", {"query": name}) for name in names), "question", _REASON)
    return _match_section(text, named=named, asked=asked)


def _match_section(text: str, *, named: bool, asked: bool) -> Match | None:
    """Return the section whose wordings clearly answer the text."""
    reading, few = read(text), len(text.split()) <= _FEW
    if few and (alone := guide_index().find_alone(text, reading)):
        return _guide(alone.heading)
    concepts = frozenset(reading.concepts)
    meant = _meaning(text, concepts, named)
    hit = None if meant is _Meant.NOT else guide_index().best(reading, FAINT if meant is _Meant.RALPH else None, SURE)
    if not hit or not hit.clear:
        return None
    if named or asked or _ASKED.match(text):
        enough = hit.score >= meant.value
    else:
        ours = bool(named or concepts & OURS) and hit.score >= _Meant.OPEN.value
        brief = few and hit.score >= _BRIEF.get(meant, _Meant.NOT.value)
        enough = (ours or brief) and len(concepts) > 1
    return _guide(hit.section.heading) if enough else None


def _meaning(text: str, concepts: frozenset[str], named: bool) -> _Meant:
    subject = concepts - FRAME
    it = bool(_IT.search(text))
    if not subject:
        return _Meant.NOT
    if named:
        return _Meant.RALPH
    if (subject <= EVERYBODYS and not it) or _asks_what_it_is(text, subject) or _names_a_place(text):
        return _Meant.NOT
    said = frozenset(re.findall(r"[\w'-]+", text.lower()))
    connects = said & VENDORS and concepts & {"connect", "support"}
    if concepts & OURS or connects or (said & OUR_WORDS and (it or said & ME)):
        return _Meant.RALPH
    return _weigh(text, concepts, said, it)


def _weigh(text: str, concepts: frozenset[str], said: frozenset[str], it: bool) -> _Meant:
    """Weigh shared words against words for other subjects, if no word means ralph alone."""
    shared = bool(concepts & SHARED and concepts - FRAME - SHARED - FAINT)
    several = len(concepts & SHARED) > 1 and not concepts <= EVERYBODYS | FAINT
    theirs = bool(concepts & THEIRS or said & THEIR_WORDS)
    if theirs or said & BARE_WORDS:
        if (shared and concepts & SHARED - EVERYBODYS) or (concepts & SHARED and len(concepts) > 2):
            return _Meant.OPEN
        definite = concepts & THEIRS and _DEFINITE.search(text)
        few = len(concepts) < (3 if theirs else 2)
        return _Meant.NOT if few and not (it or shared or definite) else _Meant.RATHER_NOT
    if concepts & HARDLY_THEIRS and not shared:
        return _Meant.RATHER_NOT
    if it or several:
        return _Meant.RALPH if shared else _Meant.PERHAPS
    return _Meant.PERHAPS if shared else _Meant.OPEN


def _asks_what_it_is(text: str, subject: frozenset[str]) -> bool:
    """Return whether the text asks for the meaning of one general word: `what is a fork?`, `my turn`."""
    if subject & DEFINED:
        return False
    asks = bool(_WHAT_IS.match(text)) and not re.search(r"\bway\b", text, re.IGNORECASE)
    if subject <= POLYSEMOUS | {"back", "first", "next", "last"} and subject & POLYSEMOUS:
        return not asks
    return asks and len(subject) < 2


def _names_a_place(text: str) -> bool:
    """Return whether the text ends with another subject: `in go`, or a repeated word: `a request in requests`."""
    found = _PLACE.search(text.lower())
    if not found or found[1] in _NO_PLACE:
        return False
    return found[1] in SMALL or bool(set(read(found[1]).concepts) & set(read(text[: found.start()]).concepts))


def _guide(query: str) -> Match:
    return one("question", _REASON, "guides", query=query)
