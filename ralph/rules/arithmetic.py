"""Recognises questions that are sums, and extracts the expression if the question holds nothing else."""

from __future__ import annotations

import re

from ralph.language import expression as language
from ralph.rules import sums
from ralph.rules.plan import Match, one

_ASKED = re.compile(
    r"(?:what(?:'s| is| are| does| do you get (?:if|when) you)?|whats|how much (?:is|are|does)|how many "
    r"is|calculate|compute|"
    r"evaluate|work out|figure out|solve|find|give me|show me|do|the answer (?:to|of))\b\s*:?\s*"
    r"(?P<value>(?:the )?(?:exact |numerical |numeric )?(?:result|value|answer|solution) (?:of|to|for) )?",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\s*(?:=+\s*(?:\?|what)?|\b(?:equals?(?: to)?(?: what)?|is(?: what| how much| equal to)?|makes?|gives?|"
    r"comes? (?:out )?to))\s*\??$",
    re.IGNORECASE,
)
# These have other meanings than sums; a person who means the sum can say "calculate".
_IDIOMS = frozenset(("9/11", "24/7", "50/50", "7/11", "7-11", "9-11", "80/20", "20/20", "4/20"))
_MAX_FORM = 300
_ASK_FORM = re.compile(
    r"(?:what(?:'s| is| are| would be)?|whats|how much (?:is|are)|calculate|compute|work out|figure out|find|give me|"
    r"show me)\s+(?:the )?",
    re.IGNORECASE,
)
_CURRENCIES = {"$": "usd", "dollars": "usd", "dollar": "usd", "bucks": "usd", "usd": "usd", "€": "eur", "euros": "eur",
               "euro": "eur", "eur": "eur", "£": "gbp", "gbp": "gbp"}  # fmt: skip
_CURRENCY = re.compile(
    r"[$€£](?=\s?[\d.])|(?<=\d)\s?[€£$]|(?<=\d)\s(?:dollars?|bucks|usd|euros?|eur|gbp)\b", re.IGNORECASE
)
# Telephone numbers, dates, scores and versions.
_NO_SUM = re.compile(r"\d+(?:-\d+){2,}|\d{3}-\d{4}|\d+/\d+/\d+|\d+(?:\.\d+){2,}")
_NO_BARE_SUM = re.compile(r"\d+-\d+")


def match(text: str) -> Match | None:
    """Return one `calculate` call if the whole text asks for a sum."""
    bare = _without_currency(text)
    return None if bare is None else _form(bare) or _plain_sum(bare)


def _form(text: str) -> Match | None:
    """Match a sum in a fixed form of words."""
    if len(text) > _MAX_FORM:
        return None
    asked = _ASK_FORM.match(text)
    body = text[asked.end() :] if asked else text
    trees = (tree for said in sums.expression(body) if (tree := _tree(said)))
    return next((_call(language.show(tree)) for tree in trees), None)


def _tree(text: str) -> language.Node | None:
    try:
        return language.parse(text)
    except language.NotAnExpression:
        return None


def _without_currency(text: str) -> str | None:
    """Return the text without its one currency, which changes no sum; None for two currencies, which is no sum."""
    kinds = {_CURRENCIES[word.lower()] for word in map(str.strip, _CURRENCY.findall(text))}
    if len(kinds) > 1:
        return None
    return _CURRENCY.sub("", text).strip() if kinds else text


def _plain_sum(text: str) -> Match | None:
    asked = _ASKED.match(text)
    body = text[asked.end() :] if asked else text
    ended = _ENDED.search(body)
    body = body[: ended.start()] if ended else body
    body = body.strip(" ?")
    if body.lower().startswith("the ") and not asked:
        return None
    command = bool(asked) and text[:4].lower() in ("calc", "comp", "eval")
    if not command and (body in _IDIOMS or _NO_SUM.fullmatch(body) or (not asked and _NO_BARE_SUM.fullmatch(body))):
        return None
    tree = _tree(body)
    if tree is None or (language.is_trivial(tree) and not (asked and asked["value"])):
        return None
    if isinstance(tree, language.Binary) and tree.sign in language.COMPARISONS:
        return None
    return _call(language.show(tree))


def _call(expression: str) -> Match:
    return one("compute", "arithmetic", "calculate", expression=expression)
