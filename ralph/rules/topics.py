"""Questions about ralph itself: a topic of its guides, if every word of the question belongs to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ralph.rules.plan import Match, one


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Topic:
    """`query` finds it in the guides. A question is about it if it has a word of each set in `needed`, and no word
    besides these, `others` and the small words. `own`: words that say without `ralph` that ralph is meant."""

    query: str
    needed: tuple[frozenset[str], ...]
    others: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


_PROVIDERS = _words("anthropic claude openai gpt groq ollama huggingface vllm azure openrouter lmstudio llama.cpp")
_SAVED = _words("timeline timelines conversation conversations session sessions")
_OWN = _words("timeline timelines /replay /fork /model /help /timelines /quit /provider")

TOPICS: tuple[Topic, ...] = (
    Topic("exit codes", (_words("exit return"), _words("code codes status")),
        _words("mean means list meaning 0 1 2 3 4 5 6 7 8 9 10 124 130 143")),
    Topic("connect a provider", (_words("connect configure add set setup use link give enter put"),
                                 _words("provider providers model models key keys server") | _PROVIDERS),
          _words("up new api local own any variable environment first with custom another different"),
          _words("provider providers")),
    Topic("who does what", (_words("switch change choose select pick"), _words("model models provider providers")),
          _words("another different between default current route tool format step"), _words("/model")),
    Topic("the configuration file", (_words("config configuration settings configure"),),
          _words("file files located lie live stored path show check edit location change find look set write example up"), frozenset()),
    Topic("where things lie", (_words("database data timelines history log logs conversations"),
                               _words("stored store stores saved save saves lie lies kept keep keeps located location live")),
          _words("files file my"), frozenset()),
    Topic("routing the three steps", (_words("route routing steps step pipeline"),),
        _words("work works decide decides three"), frozenset()),
    Topic("tokens", (_words("token tokens"),), _words("count counts counted work estimate estimated"), frozenset()),
    Topic("cost", (_words("cost costs price prices pricing"),),
        _words("compute computes computed calculate calculates calculated count counted set own model models work know track tracks free unknown own"), frozenset()),
    Topic("tools and consent", (_words("tool tools consent permission permissions"),),
        _words("allow deny ask run approve forbid work works call calls"), frozenset()),
    Topic("what the tools do", (_words("tools"),), _words("available offer offers built built-in list"), frozenset()),
    Topic("offline", (_words("offline"),), _words("work works run mode internet without"), frozenset()),
    Topic("the first five minutes", (_words("replay fork branch"),), _SAVED | _words("old saved past last again"),
        _OWN),
    Topic("aliases", (_words("alias aliases"),), _words("model models set make define short name names"), frozenset()),
    Topic("install", (_words("install start"),), _words("python version need needs checkout"), frozenset()),
    Topic("the first five minutes", (_words("shortcut shortcuts keyboard keybindings hotkeys"),),
        _words("keys key list main"), frozenset()),
    Topic("the first five minutes", (_words("command commands"), _words("slash")), _words("available list"),
        _words("slash")),
    Topic("the first five minutes", (_words("quit leave close"),), _words("program app /quit"), frozenset()),
    Topic("the first five minutes", (_words("json jsonl script scripts scripting"),), _words("output print write"),
        frozenset()),
    Topic("no model", (_words("no_model"),), _words("mean means error"), _words("no_model")),
    Topic("troubleshooting doctor", (_words("doctor troubleshoot troubleshooting diagnose"),),
        _words("problems problem installation work works run"), frozenset()),
    Topic("budget", (_words("budget budgets cap"),),
        _words("set limit limits day month turn timeline work works daily monthly spending"), frozenset()),
    Topic("ralph", (_words("ralph"),), _words("help about work works start started begin"), _words("ralph")),
)  # fmt: skip

_SMALL = _words(
    """ralph ralph's ralphs how do does did i you we one to in the a an of for with my our on is are was what whats what's which
    where can could should would will there show me tell please using from by at it its all and about get see work list have has use"""
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
        return _guide("ralph")
    if not _ASKED.match(text):
        return None
    said = frozenset(re.findall(r"[\w./'-]*[\w']", text.lower()))
    found = next((t for t in TOPICS if _is_about(said, t)), None)
    return _guide(found.query) if found else None


def _is_about(said: frozenset[str], topic: Topic) -> bool:
    here = {"ralph", "ralph's", "ralphs"} & said or topic.own & said
    known = _SMALL.union(topic.others, *topic.needed)
    return bool(here) and all(words & said for words in topic.needed) and said <= known


def _guide(query: str) -> Match:
    return one("question", "a question about ralph", "guides", query=query)
