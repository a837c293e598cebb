"""Days as people name them: `2026-12-25`, `25th of December`, `next Friday`, `Christmas 2027`, `tomorrow`."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import MAXYEAR, date, timedelta

MAX_LENGTH = 60

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOLIDAYS = {
    "christmas": (12, 25), "christmas day": (12, 25), "xmas": (12, 25), "christmas eve": (12, 24),
    "boxing day": (12, 26), "new year": (1, 1), "new year's": (1, 1), "new years": (1, 1), "new year's day": (1, 1),
    "new years day": (1, 1), "new year's eve": (12, 31), "new years eve": (12, 31), "halloween": (10, 31),
    "valentine's day": (2, 14), "valentines day": (2, 14), "valentine's": (2, 14), "april fools": (4, 1),
    "april fools' day": (4, 1), "april fool's day": (4, 1), "april fools day": (4, 1), "st patrick's day": (3, 17),
    "st. patrick's day": (3, 17),
}  # fmt: skip
_NEAR = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2, "day after tomorrow": 2,
         "the day before yesterday": -2, "day before yesterday": -2}  # fmt: skip

_MONTH = "(?P<month>" + "|".join(f"{m}|{m[:3]}\\.?" for m in MONTHS) + r"|sept\.?)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|this year|next year|last year)"
_WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<turn>next |last )?{_MONTH} (?:the )?{_DAY}(?:,? (?:of |in )?{_YEAR})?",
        rf"(?P<turn>next |last )?(?:the )?{_DAY}(?: of)? {_MONTH}(?:,? (?:of |in )?{_YEAR})?",
    )
)
_HOLIDAY = re.compile(
    r"(?P<turn>next |last )?(?P<name>"
    + "|".join(sorted(map(re.escape, _HOLIDAYS), key=len, reverse=True))
    + rf")(?:,? (?:of |in )?{_YEAR})?"
)
_ISO = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_WEEKDAY = re.compile(r"(?P<turn>next|last|this|this coming|on|coming)?\s?(?P<name>" + "|".join(WEEKDAYS) + ")")


class NoSuchDate(ValueError):
    """The text looks like a date but names no day or several; the message says which."""


def read(text: str, today: date) -> date | None:
    """Return the day that the whole text names, or None. A day without a year is the next one from today on.

    Raises `NoSuchDate` for `2026-02-30`, and for `3/4/2026`, which may be in March or in April.
    """
    text = " ".join(text.lower().split())
    if len(text) > MAX_LENGTH:
        return None
    if text in _NEAR:
        return _move_day(today, _NEAR[text])
    return _numeric(text) or _read_written(text, today) or _weekday(text, today)


def _move_day(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise NoSuchDate("that day is beyond the calendar") from None


def _numeric(text: str) -> date | None:
    if found := _ISO.fullmatch(text):
        return _make_date(int(found[1]), int(found[3]), int(found[4]))
    if found := _DOTTED.fullmatch(text):
        return _make_date(int(found[3]), int(found[2]), int(found[1]))
    if found := _SLASHED.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first <= 12 and second <= 12 and first != second:
            raise NoSuchDate(f"{text} can mean {year:04}-{first:02}-{second:02} or {year:04}-{second:02}-{first:02}")
        return _make_date(year, first, second) if second > 12 or first == second else _make_date(year, second, first)
    return None


def _read_written(text: str, today: date) -> date | None:
    found = next((f for pattern in _WRITTEN if (f := pattern.fullmatch(text))), None)
    if found:
        month, day = month_number(found["month"]), int(found["day"])
    else:
        found = _HOLIDAY.fullmatch(text)
        if not found:
            return None
        month, day = _HOLIDAYS[found["name"]]
    if found["year"]:
        return None if found["turn"] else _make_date(_year(found["year"], today), month, day)
    return _pick_year(month, day, (found["turn"] or "next").strip(), today)


def month_number(name: str) -> int:
    """Return 1 to 12 for a month's name or its first three letters."""
    return next(n for n, month in enumerate(MONTHS, start=1) if month.startswith(name[:3].lower()))


def _year(text: str, today: date) -> int:
    return {"this year": today.year, "next year": today.year + 1, "last year": today.year - 1}.get(text) or int(text)


def _pick_year(month: int, day: int, turn: str, today: date) -> date:
    """Return the next such day from today on, or the last one up to today; February 29 may be years away."""
    step = -1 if turn == "last" else 1
    for year in range(today.year, today.year + 9 * step, step):
        if not 1 <= year <= MAXYEAR or day > monthrange(year, month)[1]:
            continue
        found = date(year, month, day)
        if (found - today).days * step >= 0:
            return found
    raise NoSuchDate(f"{MONTHS[month - 1].capitalize()} never has {day} days")


def _weekday(text: str, today: date) -> date | None:
    found = _WEEKDAY.fullmatch(text)
    if not found:
        return None
    number, turn = WEEKDAYS.index(found["name"]), found["turn"]
    if turn == "last":
        back = (today.weekday() - number) % 7 or 7
        if number < today.weekday():
            raise NoSuchDate(f"'{text}' can mean {_move_day(today, -back)} or {_move_day(today, -back - 7)}")
        return _move_day(today, -back)
    ahead = (number - today.weekday()) % 7 or 7
    if turn == "next" and number > today.weekday():
        raise NoSuchDate(f"'{text}' can mean {_move_day(today, ahead)} or {_move_day(today, ahead + 7)}")
    return _move_day(today, ahead)


def _make_date(year: int, month: int, day: int) -> date:
    if not 1 <= year <= MAXYEAR or not 1 <= month <= 12:
        raise NoSuchDate(f"{year:04}-{month:02}-{day:02} is not a date")
    if not 1 <= day <= monthrange(year, month)[1]:
        length = monthrange(year, month)[1]
        raise NoSuchDate(
            f"{year:04}-{month:02}-{day:02} is not a date: {MONTHS[month - 1].capitalize()} {year} has {length} days"
        )
    return date(year, month, day)
