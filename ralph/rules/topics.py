"""Questions about ralph itself: the section of its guides that answers, if one clearly does."""

from __future__ import annotations

import re

from ralph.language.sentence import MAX_PARTS, words
from ralph.rules.guide_index import guide_index
from ralph.rules.guide_names import names_in, without_names
from ralph.rules.guide_words import read
from ralph.rules.plan import Match, PlannedCall, one

_MAX_LENGTH = 160
_REASON = "a question about ralph"
# How alike a question must be to a wording that alone says that ralph is meant.
_EXACT = 0.95
_ASKED = re.compile(
    r"(?:.{3,60}[,.;:!] (?:(?:so|but|and) )?)?(?:how|what|what's|whats|where|where's|which|who|why|when|can|could|does|do|did|is|are|am|was|will|would|should|"
    r"may|must|has|have|any way|is there|i want to|i need to|i would like to|i'd like to|i don't|i can't|i cannot|"
    r"need to|trying to|help me|show me (?:the|my|all)|let me see|explain|list|i keep|i need|i have|my)\b",
    re.IGNORECASE,
)
# A wish to a model, not a question, though it is written as one.
_ORDER = re.compile(r"(?:please )?(?:can|could|would|will) you (?!remember|store|save|keep|work)", re.IGNORECASE)
_WHAT_IS = re.compile(
    r"(?:what|who)(?:'?s| is| are| was) (?!in\b|there\b|this\b)|what (?:does|do|did) .* mean\b", re.IGNORECASE
)
_NAMED = re.compile(
    r"\bralph\b|\bthis (?:app|application|program|repl|cli|tui|terminal app)\b|\btimelines?\b|\bledger\b|"
    r"\bslash commands?\b",
    re.IGNORECASE,
)
# A slash command, a variable or a kind of failure says by itself that ralph is meant.
_WRITTEN = re.compile(r"(?<!\S)/[a-z]+\b(?!/)|\bRALPH_\w+|\bno_model\b|[≥↑↓]")
# The program, pointed at.
_IT = re.compile(r"\b(?:it(?! takes?\b)|you|yours?)\b|\b(?:this|that)(?: cost| work|$)", re.IGNORECASE)
# Concepts and words that a question on ralph is likely to be about.
_OURS = words(
    "quit timeline model provider apikey config theme shortcut newline tool context systemprompt "
    "exitcode ~ ≥ tild alias fallback rout step turn block thinking waterfall commandline export ttft sacr"
)
# These are everybody's, but rarely together with a third.
_SHARED = words("question answer ask")
_OUR_WORDS = words("spent cost costs costing charged expensive")
# Concepts and words that are more likely about something else, unless one of ours stands beside them.
_THEIRS = words(
    "file folder database script picture server local instance private code fail number version plugin certificate key "
    "list table memory day"
)
_THEIR_WORDS = words(
    "budget budgets token tokens slash doctor claude gpt openai anthropic ollama groq huggingface gemini mistral chatgpt "
    "vim git docker python windows json yaml markdown html pdf money bill bills cash payment invoice salary internet mac linux emacs sqlite best mean means meaning name"
)
_POLYSEMOUS = words("turn block step rout")
# What a question may say too without being about something else, as the index names it.
_FAINT = words(
    "write edit point outsid insid read run creat add open start begin list first second third next same availabl "
    "install current full big small late connect save forget search switch send check continue lose press last earlier "
    "new several call bring hold part close possibl text specify assign apply adjust tweak appear exist involv "
    "default whole entire single actual normal usual direct lower higher raise reduc increas decreas stay remain extra"
)
# Concepts that say by themselves what a question is about.
_SURE = words("quit timeline theme shortcut newline apikey exitcode config systemprompt")
_VENDORS = words("claude gpt openai anthropic ollama groq huggingface gemini mistral chatgpt deepseek llama")
# What is asked of a subject, and none itself.
_FRAME = words("mean difference")
# What may stand around the name of a command, a flag or a key.
_AROUND_NAMES = words("mean difference command key shortcut flag config press compare between")
_GENERAL = re.compile(
    r"what can i do (?:here|with (?:this|it))|help|help me|what can you do(?: without a model| here)?|what can ralph do(?: without a model| for me| "
    r"here)?|what do you do|"
    r"(?:what|who) (?:is|are) (?:ralph|you, ralph)|what is this program|how does this work|what does ralph do|usage",
    re.IGNORECASE,
)


def names_ralph(prompt: str) -> bool:
    """It says that ralph is meant: by name, as a program, or by what only ralph has."""
    return bool(_NAMED.search(prompt) or _WRITTEN.search(prompt))


def match_addressed(prompt: str, text: str) -> Match | None:
    """The same for the whole prompt, where what surrounds its plain `text` tells more: a name before, a mark behind."""
    asked = prompt.rstrip().endswith("?") and not _ORDER.match(prompt)
    named = names_ralph(prompt)
    return match(text, named=named, asked=asked) if named or asked else None


def match(text: str, *, named: bool = False, asked: bool = False) -> Match | None:
    """One `guides` call, if a section of the guides clearly answers the whole text.

    `named`: the question was addressed to ralph. `asked`: it ended with a question mark.
    """
    if len(text) > _MAX_LENGTH:
        return None
    if _GENERAL.fullmatch(text):
        general = "What is ralph?" if "without" not in text else "What can ralph do without a model?"
        return _guide(general)
    named = named or names_ralph(text)
    question = named or asked or bool(_ASKED.match(text))
    names = names_in(text)
    if names and len(names) <= MAX_PARTS and set(read(without_names(text)).concepts) <= _AROUND_NAMES:
        return Match(tuple(PlannedCall("guides", {"query": name}) for name in names), "question", _REASON)
    reading = read(text)
    said = frozenset(re.findall(r"[\w'-]+", text.lower()))
    concepts = frozenset(reading.concepts)
    if not concepts - _FRAME:
        return None
    ours = (
        named
        or bool(concepts & _OURS or said & _OUR_WORDS)
        or bool(concepts & _SHARED and concepts - _SHARED - _FRAME - _FAINT)
        or ("connect" in concepts and bool(said & _VENDORS))
    )
    theirs = bool(concepts & _THEIRS or said & _THEIR_WORDS)
    pointed = ours or bool(_IT.search(text)) or (theirs and " the " in text)
    if not named and ((theirs and not pointed and len(concepts) < 3) or _asks_what_it_is(text, concepts)):
        return None
    hit = guide_index().best(reading, _FAINT if ours else None, _SURE)
    if not hit or not hit.clear:
        return None
    exact = hit.score >= _EXACT
    ours = ours or bool(exact and concepts & _SHARED)
    enough = exact or (ours or (pointed and not theirs)) if question else exact and ours and len(concepts) > 1
    return _guide(hit.section.heading) if enough else None


def _asks_what_it_is(text: str, concepts: frozenset[str]) -> bool:
    """A single word is to be explained, which may be anybody's: `what is a fork?`; or it is everybody's: `my turn`."""
    if len(subject := concepts - _FRAME) > 1:
        return False
    asks = bool(_WHAT_IS.match(text)) and not re.search(r"\bway\b", text, re.IGNORECASE)
    return not asks if subject <= _POLYSEMOUS else asks


def _guide(query: str) -> Match:
    return one("question", _REASON, "guides", query=query)
