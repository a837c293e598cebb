"""Questions about ralph itself: a topic of its guides, if every word of the question belongs to it."""

from __future__ import annotations

import re
from dataclasses import replace

from ralph.core.data import Data, frozen
from ralph.language.sentence import words
from ralph.rules.plan import Match, one


@frozen
class Topic(Data):
    """`query` finds it in the guides.

    A question is about it if it has a word of each set in `needed`, and no word besides these, `others` and the small
    words. `own`: words that say even without `ralph` that ralph is meant.
    """

    query: str
    needed: tuple[frozenset[str], ...]
    others: frozenset[str]
    own: frozenset[str]


def _topic(query: str, *needed: str, others: str = "", own: str = "") -> Topic:
    return Topic(query, tuple(words(n) for n in needed), words(others), words(own))


_TOUR = "the first five minutes"

TOPICS: tuple[Topic, ...] = (
    _topic("exit codes", "exit return", "code codes status",
           others="mean means list meaning 0 1 2 3 4 5 6 7 8 9 10 124 130 143"),
    _topic("connect a provider", "connect configure add set setup use link give enter put",
           "provider providers model models key keys server anthropic claude openai gpt groq ollama huggingface vllm",
           others="up new api local own any variable environment first with custom another different support supported",
           own="provider providers"),
    _topic("connect a provider", "connect", "anthropic claude openai groq ollama huggingface",
           own="anthropic claude openai groq ollama huggingface"),
    _topic("connect a provider", "add set enter put", "api", "key keys", own="api"),
    _topic("connect a provider", "providers", others="support supported supports available offer"),
    _topic("who does what", "switch change choose select pick", "model models provider providers",
           others="another different between default current route tool format step", own="/model"),
    _topic("the configuration file", "config configuration settings configure",
           others="file files located lie live stored path show check edit location change find look set write"),
    _topic("where things lie", "database data timelines history log logs conversations",
           "stored store stores saved save saves lie lies kept keep keeps located location live", others="files file"),
    _topic("routing", "route routing steps step pipeline", others="work works decide decides three"),
    _topic("tokens", "token tokens", others="count counts counted work estimate estimated"),
    _topic("cost", "cost costs price prices pricing",
           others="compute computes computed calculate calculates calculated count counted set own model models track"),
    _topic("tools and consent", "tool tools consent permission permissions",
           others="allow deny ask run approve forbid work works call calls"),
    _topic("what the tools do", "tools", others="available offer offers built-in list"),
    _topic("offline", "offline", others="work works run mode internet without"),
    _topic("aliases", "alias aliases", others="model models set make define short name names"),
    _topic("install", "without", "key keys network internet server", others="work works run"),
    _topic("install", "install start", others="python version need needs checkout"),
    _topic("no model", "no_model", others="mean means error", own="no_model"),
    _topic("troubleshooting", "doctor troubleshoot troubleshooting diagnose", others="problem problems"),
    _topic("budget", "budget budgets cap", others="set limit limits day month turn timeline daily monthly spending"),
    _topic(_TOUR, "replay fork branch", others="timeline timelines conversation old saved past last again",
           own="timeline timelines"),
    _topic(_TOUR, "shortcut shortcuts keyboard keybindings hotkeys", others="keys key list main"),
    _topic(_TOUR, "command commands", others="slash available list", own="slash"),
    _topic(_TOUR, "resume continue reopen", others="timeline timelines last old", own="timeline timelines"),
    _topic(_TOUR, "quit leave close", others="program app /quit"),
    _topic(_TOUR, "json jsonl script scripts scripting", others="output print write"),
    _topic("ralph", "ralph", others="help work works start started begin"),
)  # fmt: skip

_SMALL = words(
    "ralph ralph's ralphs how do does did i you we one to in the a an of for with my our on is are was what whats "
    "what's which where can could should would will there show me tell please using from by at it its all and about "
    "get see work list have has use"
)
_ASKED = re.compile(
    r"(?:how|what|what's|whats|where|which|can|does|show|tell|list|explain|is|are|help)\b", re.IGNORECASE
)
_GENERAL = re.compile(
    r"help|help me|what can you do(?: without a model| here)?|what can ralph do(?: without a model| for me| "
    r"here)?|what do you do|"
    r"(?:what|who) (?:is|are) (?:ralph|you, ralph)|what is this program|how does this work|what does ralph do|usage",
    re.IGNORECASE,
)


def match(text: str) -> Match | None:
    """One `guides` call, if the whole text asks about a topic of the guides."""
    if len(text) > 120:
        return None
    if _GENERAL.fullmatch(text):
        return _guide("ralph", text)
    if not _ASKED.match(text):
        return None
    said = frozenset(re.findall(r"[\w./'-]*[\w']", text.lower()))
    found = next((t for t in TOPICS if _is_about(said, t)), None)
    return _guide(found.query, text) if found else None


def _is_about(said: frozenset[str], topic: Topic) -> bool:
    here = {"ralph", "ralph's", "ralphs"} & said or topic.own & said
    known = _SMALL.union(topic.others, *topic.needed)
    return bool(here) and all(need & said for need in topic.needed) and said <= known


def _guide(query: str, asked: str) -> Match:
    """Without the word `ralph` the question may be about something else, of which a conversation would tell."""
    found = one("question", "a question about ralph", "guides", query=query)
    return replace(found, exact="ralph" in asked.lower())
