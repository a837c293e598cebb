"""The tool for time: now, weekdays, days between dates, dates before and after, leap years."""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ralph.core.data import Data, frozen
from ralph.core.llm.request import ToolSpec
from ralph.core.llm.tool import Effect, ToolCall, ToolFailure
from ralph.language import dates
from ralph.tools._arguments import check_arguments

Given = Mapping[str, Any]

_SPEC = ToolSpec(
    "clock",
    "Tells the time and reckons with dates (Gregorian calendar). Dates are YYYY-MM-DD, or words: today, tomorrow, "
    "25 December 2026, next Friday, Christmas. Actions: now (zone); day: the weekday of `date`; week: its ISO week; "
    "difference: from `date` (today) to `to`; shift: `amount` `unit`s after `date` (negative: before); left: days left "
    "in this `unit` (year, month); leap: whether `year` is a leap year; next_leap; length: days in `month` of `year`.",
    {
        "type": "object",
        "properties": {
            "action": {
                "type": "string",
                "enum": ["now", "day", "week", "difference", "shift", "left", "leap", "next_leap", "length"],
            },
            "date": {"type": "string"},
            "to": {"type": "string"},
            "amount": {"type": "integer", "minimum": -1_000_000, "maximum": 1_000_000},
            "unit": {"type": "string", "enum": ["days", "weeks", "months", "years", "year", "month"]},
            "year": {"type": "integer", "minimum": 1, "maximum": MAXYEAR},
            "month": {"type": "integer", "minimum": 1, "maximum": 12},
            "zone": {"type": "string", "description": "a time zone's IANA name: Europe/Berlin"},
        },
        "required": ["action"],
        "additionalProperties": False,
    },
)
_GREGORIAN_SINCE = date(1582, 10, 15)


def _now(given: Given, now: datetime) -> str:
    here = now.astimezone(_zone(given["zone"])) if "zone" in given else now.astimezone()
    name = given.get("zone") or here.strftime("%Z") or "local time"
    day = here.date()
    return (
        f"It is {here:%H:%M} ({name}) on {day:%A}, {day:%B} {day.day}, {day.year} ({day.isoformat()}), day "
        f"{day.timetuple().tm_yday} of the year, "
        f"ISO week {day.isocalendar().week}."
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # an unknown zone, a path, a machine without zone data
        raise ToolFailure(
            f"there is no time zone '{name[:60]}' on this machine; give an IANA name: Europe/Berlin"
        ) from None


def _day(given: Given, now: datetime) -> str:
    day = _date(given, "date", now)
    note = " (in the Gregorian calendar, which was not yet in use)" if day < _GREGORIAN_SINCE else ""
    return f"{day:%B} {day.day}, {day.year} ({day.isoformat()}) is a {day:%A}{note}."


def _week(given: Given, now: datetime) -> str:
    day = _date(given, "date", now)
    year, week, _ = day.isocalendar()
    return f"{day.isoformat()} is in ISO week {week} of {year}."


def _difference(given: Given, now: datetime) -> str:
    start, end = _date(given, "date", now), _date(given, "to", now)
    days = abs((end - start).days)
    years, months, rest = _calendar_span(min(start, end), max(start, end))
    ways = {
        "days": _format_count(days, "day"),
        "weeks": _together((days // 7, "week"), (days % 7, "day")),
        "months": _together((12 * years + months, "month"), (rest, "day")),
        "years": _together((years, "year"), (months, "month"), (rest, "day")),
    }
    unit = given.get("unit", "years" if years else "days")
    said = ways.get(unit, ways["days"]) + ("" if unit == "days" else f" ({ways['days']})")
    if end < start:
        return f"{end.isoformat()} is {said} before {start.isoformat()}."
    return f"From {start.isoformat()} to {end.isoformat()} it is {said}."


def _together(*parts: tuple[int, str]) -> str:
    said = [_format_count(count, unit) for count, unit in parts if count] or [_format_count(0, parts[-1][1])]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _format_count(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _calendar_span(first: date, last: date) -> tuple[int, int, int]:
    """Return the whole years and months from one day to a later one, and the remaining days."""
    months = 12 * (last.year - first.year) + last.month - first.month
    if last.day < first.day:
        months -= 1
    return months // 12, months % 12, (last - _plus_months(first, months)).days


def _plus_months(day: date, months: int) -> date:
    """Return the same day of another month, or that month's last day."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    if not 1 <= year <= MAXYEAR:
        raise ToolFailure("that day is beyond the calendar")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _shift(given: Given, now: datetime) -> str:
    day, unit = _date(given, "date", now), given.get("unit", "days")
    amount = given.get("amount")
    if amount is None or unit in ("year", "month"):
        raise ToolFailure("shift needs an amount, and days, weeks, months or years as its unit")
    try:
        if unit in ("days", "weeks"):
            found = day + timedelta(days=amount * (7 if unit == "weeks" else 1))
        else:
            found = _plus_months(day, amount * (12 if unit == "years" else 1))
    except OverflowError:
        raise ToolFailure("that day is beyond the calendar") from None
    order = "before" if amount < 0 else "after"
    return f"{_format_count(abs(amount), unit[:-1])} {order} {day.isoformat()} is {found.isoformat()}, a {found:%A}."


def _describe_time_left(given: Given, now: datetime) -> str:
    today = now.astimezone().date()
    if given.get("unit", "year") in ("month", "months"):
        end, period = date(today.year, today.month, monthrange(today.year, today.month)[1]), f"{today:%B} {today.year}"
    else:
        end, period = date(today.year, 12, 31), str(today.year)
    return f"After today, {today.isoformat()}, {_format_count((end - today).days, 'day')} are left in {period}."


def _leap(given: Given, now: datetime) -> str:
    year = given.get("year") or (_relative_year(given, now))
    return f"{year} is {'' if isleap(year) else 'not '}a leap year."


def _relative_year(given: Given, now: datetime) -> int:
    year = now.astimezone().year
    return year + {"next year": 1, "last year": -1}.get(str(given.get("date", "")).lower(), 0)


def _next_leap(given: Given, now: datetime) -> str:
    after = given.get("year") or now.astimezone().year
    found = next((y for y in range(after + 1, after + 9) if isleap(y)), 0)
    if found > MAXYEAR:
        raise ToolFailure("that year is beyond the calendar")
    return f"The next leap year after {after} is {found}."


def _length(given: Given, now: datetime) -> str:
    today = now.astimezone().date()
    year, month = given.get("year", today.year), given.get("month")
    if given.get("unit") in ("month", "months"):
        month = month or today.month
    if month is None:
        return f"{year} has {366 if isleap(year) else 365} days."
    return f"{date(year, month, 1):%B} {year} has {monthrange(year, month)[1]} days."


def _date(given: Given, name: str, now: datetime) -> date:
    text = given.get(name, "today")
    try:
        found = dates.read(text, now.astimezone().date())
    except dates.NoSuchDate as error:
        raise ToolFailure(str(error)) from None
    if found is None:
        raise ToolFailure(f"'{text[:60]}' is not a date that is understood; write it as YYYY-MM-DD")
    return found


_ACTIONS: Mapping[str, Callable[[Given, datetime], str]] = {
    "now": _now, "day": _day, "week": _week, "difference": _difference, "shift": _shift, "left": _describe_time_left,
    "leap": _leap, "next_leap": _next_leap, "length": _length,
}  # fmt: skip


@frozen
class ClockTool(Data):
    spec: ToolSpec = _SPEC
    effect: Effect = "none"

    async def run(self, arguments: Mapping[str, Any], call: ToolCall) -> str:
        given = check_arguments(self.spec, arguments)
        return _ACTIONS[given["action"]](given, call.clock.now())


TOOL = ClockTool()
