"""Recognises questions about clock and calendar: today, weekdays, days between dates, dates before and after."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from ralph.language import dates
from ralph.language.numerals import read as number_in_words
from ralph.language.time_zones import zone
from ralph.rules.phrases import Phrasebook
from ralph.rules.plan import Match, one

_Groups = dict[str, str | None]
_Read = Callable[[_Groups], Match | None]

_MAX_LENGTH = 120
_DAY = r".{1,40}?"
_BOOK = Phrasebook(
    slots={
        "a": _DAY,
        "b": _DAY,
        "past": _DAY,
        "near": r"(?:the )?day (?:after tomorrow|before yesterday)",
        "beside": r"tomorrow|yesterday|(?:the )?day (?:after tomorrow|before yesterday)",
        "place": r".{2,40}?",
        "n": r"(?:\d{1,6}|\d{1,3},\d{3}|an?|[a-z-]{3,20}|[a-z]{3,8} [a-z]{3,8})",
        "unit": r"(?:days?|weeks?|months?|years?)",
        "units": r"(?:days|weeks|months|years)",
        "period": r"(?:year|month)",
        "year": r"(?:\d{1,4}|this year|it|next year|last year)",
        "full_year": r"\d{4}",
        "month": "(?:" + "|".join(f"{m}|{m[:3]}" for m in dates.MONTHS) + ")",
    },
    parts={
        "what is": "what is|what's|whats|which is",
        "which": "what|which",
        "weekday": "day [of the week]|weekday|week day|date",
        "now": "[right] now|today|currently|at the moment|here",
        "how many": "[what is|what's] [the] number of|how many|how much",
        "until": "until|till|til|before|to",
        "when": "when (is|was|will be)|<which> <weekday> (is it|was it|is|was|will it be|will be)|"
        "(what is|what's|whats|what was|what will be) the (date|day) [of]|what will the (date|day) be|"
        "[find|give me] [the] date|<what is>",
    },
)


def _clock(action: str, **arguments: str | int | None) -> Match:
    return one("compute", "a question about time", "clock", action=action, **arguments)


def _now(groups: _Groups) -> Match | None:
    place = groups.get("place")
    if place is None:
        return _clock("now")
    found = zone(place)
    return _clock("now", zone=found) if found else None


def _day(action: str) -> _Read:
    return lambda groups: _clock(
        action, date=groups.get("a") or groups.get("near") or groups.get("beside") or _past(groups["past"] or "")
    )


def _past(text: str) -> str:
    """Prefix a day without a year with `last`: the past day is meant, not the next."""
    settled = re.search(r"\d{4}|today|yesterday|tomorrow|last|this year", text, re.IGNORECASE)
    return text if settled else f"last {text}"


def _day_in_year(groups: _Groups) -> Match | None:
    return _clock("day", date=f"{groups['a']} {groups['full_year']}")


def _between(groups: _Groups) -> Match | None:
    return _clock("difference", date=groups["a"], to=groups["b"], unit=_unit(groups))


def _between_numbers(groups: _Groups) -> Match | None:
    """Match two numbers. Between Christmas and New Year there are several; between 1 May and 3 June only one."""
    exact = all(re.search(r"\d", groups[slot] or "") for slot in ("a", "b"))
    return _between(groups) if exact else None


def _until(groups: _Groups) -> Match | None:
    return _clock("difference", to=groups["a"], unit=_unit(groups))


def _since(groups: _Groups) -> Match | None:
    return _clock("difference", date=_past(groups["past"] or ""), to="today", unit=_unit(groups))


def _match_rest(groups: _Groups) -> Match | None:
    return _clock("left", unit=(groups["period"] or "").lower())


def _shift(sign: int) -> _Read:
    def read(groups: _Groups) -> Match | None:
        text = (groups["n"] or "").lower().replace(",", "")
        amount = int(text) if text.isdigit() else 1 if text in ("a", "an") else number_in_words(text)
        if amount is None:
            return None
        return _clock("shift", date=groups.get("a") or "today", amount=sign * amount, unit=_unit(groups))

    return read


def _unit(groups: _Groups) -> str | None:
    unit = groups.get("unit") or groups.get("units")
    return unit.lower().rstrip("s") + "s" if unit else None


def _leap(groups: _Groups) -> Match | None:
    year = (groups["year"] or "").lower()
    if year.isdigit():
        return _clock("leap", year=int(year))
    return _clock("leap", date=year) if year in ("next year", "last year") else _clock("leap")


def _length(groups: _Groups) -> Match | None:
    year, month = groups.get("full_year"), groups.get("month")
    return _clock("length", month=dates.month_number(month) if month else None, year=int(year) if year else None)


def _this_length(groups: _Groups) -> Match | None:
    return _clock("length", unit=(groups["period"] or "").lower())


_PHRASES: tuple[tuple[str, _Read], ...] = (
    # now
    ("(what is|what's|whats) (the|the current|the exact|the local|current) (time|date|day|year|month) "
     "[and [the] (time|date)] [<now>] [<now>]", _now),
    ("<which> (time|date|day [of the week|of the year]|weekday|month|year|[iso|calendar] week [number|of the year]) "
     "(is it|is this|is today|are we in|do we have) [<now>] [<now>]", _now),
    ("<what is> [the] (today|today's date|today's day|todays date|week number|current week [number])", _now),
    ("<what is> the (date|day|day of the week|weekday) [of] (today|now|right now)", _now),
    ("(the|current|the current) (date|time) [and [the] (date|time)] [<now>]", _now),
    ("(date|time) (and (date|time)|[right] now)", _now),
    ("(today|today's date|date today|week number)", _now),
    ("(what time is it|<what is> the [current|local] time|[current|local] time) [right now|now] (in|at) {place} "
     "[<now>]", _now),
    # one day
    ("[on] <which> <weekday> (is|will|does) {a} [be [on]|fall [on]|falls [on]|land on|on]", _day("day")),
    ("[on] <which> <weekday> (was|did) {past} [on|fall [on]]", _day("day")),
    ("[on] <which> <weekday> (is|does|will|did|was) {a} [fall|be|land] [on] in {full_year}", _day_in_year),
    ("[<what is>|what was] [the] (day of the week|weekday) [of|for|on] {a}", _day("day")),
    ("when (is|will) {a} [be]", _day("day")),
    ("<what is> {a} 's date", _day("day")),
    ("<what is> the (date|day) [of|on|for] {a}", _day("day")),
    ("<what is> {near}", _day("day")),
    ("what (day|date|weekday) (is|was|will) it [be] {beside}", _day("day")),
    ("<which> [iso|calendar] week [number] [of the year] (is|was) {a} [in]", _day("week")),
    ("[<what is>] [the] [iso|calendar] week [number] (of|for|on) {a}", _day("week")),
    ("<which> <weekday> was i born [if i was born] on {past}", _day("day")),
    # between days
    ("[<how many>] {units} [are there|is it|were there|are|is] [in] (between|from) {a} (and|to|until|till|through) {b}",
     _between),
    ("how long is it (between|from) {a} (and|to|until|till) {b}", _between),
    ("[<what is>] [the] (time|number of days) between {a} and {b} [in {units}]", _between),
    ("[<what is>] [the] difference between {a} and {b} in {units}", _between),
    ("[<what is>] [the] difference between {a} and {b}", _between_numbers),
    ("<how many> {units} [is it|are there|are left|is there|do we have|left|remaining|remain|to go] [left|to go] "
     "<until> {a}", _until),
    ("how (long|much time) [is it|is there|is left|do we have] <until> {a}", _until),
    ("[number of] {units} [left] <until> {a}", _until),
    ("how (many {units} away|far away|far off) is {a}", _until),
    ("in how many {units} is {a}", _until),
    ("[<how many>] {units} [have passed|has it been|is it|passed|have gone by] since {past}", _since),
    ("how (long|much time) [has it been|is it|has passed] since {past}", _since),
    ("how (long|many {units}) ago (was|is) {past}", _since),
    ("how old (is|am|are) (someone|somebody|a person|i|you|one) [if (i|you) (am|was|were|are)|who (is|was)] born "
     "[on] {past}", _since),
    ("[how many] days [are|is|do we have] [there] (left|remaining|remain) (in|of) (the|this) {period}", _match_rest),
    # days before and after
    ("[<when>] {n} {unit} from (now|today)", _shift(1)),
    ("[<when>] {n} {unit} (from|after) {a}", _shift(1)),
    ("[<when>] {n} {unit} ago [today]", _shift(-1)),
    ("[<when>] {n} {unit} before {a}", _shift(-1)),
    ("<when> [it] in {n} {unit} [time|from now]", _shift(1)),
    ("[<what is>] {a} (plus|+) {n} {unit}", _shift(1)),
    ("[<what is>] {a} (minus|-) {n} {unit}", _shift(-1)),
    ("add {n} {unit} to {a}", _shift(1)),
    ("subtract {n} {unit} from {a}", _shift(-1)),
    # years and months
    ("(is|was|will) [the year] {year} [be] a (leap year|leap-year)", _leap),
    ("(when|what|what year|which year|which) [is|was|will be] [the|our] next (leap year|leap-year) [be]",
     lambda groups: _clock("next_leap")),
    ("what's the next leap year", lambda groups: _clock("next_leap")),
    ("[how many] days [are|is|were] [there] (in|has|have|does|did) [the month of] {month} [,] [of|in] "
     "[{full_year}|this year] [have]", _length),
    ("how many days [are|is|were] [there] (in|has|does|did|will) [the year] {full_year} [have]", _length),
    ("how many days [are|is] [there] (in|has|does) (this|the current) {period} [have]", _this_length),
)  # fmt: skip
_FORMS = tuple((_BOOK.phrase(text), read) for text, read in _PHRASES)


def match(text: str, today: date) -> Match | None:
    """Return one `clock` call if the whole text asks for it."""
    if len(text) > _MAX_LENGTH:
        return None
    text = re.sub(r"(?<=\w)('s)(?= date\b)", r" \1", text) if "today" not in text.lower() else text
    for phrase, read in _FORMS:
        groups = phrase.match(text)
        if groups is None or not all(_is_day(groups.get(slot), today) for slot in ("a", "b", "past")):
            continue
        if found := read(groups):
            return found
    return None


def _is_day(text: str | None, today: date) -> bool:
    """Return whether the text names a day, or looks like a day that does not exist: the clock reports that."""
    try:
        return text is None or dates.read(text, today) is not None
    except dates.NoSuchDate:
        return True
