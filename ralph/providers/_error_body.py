"""Reads a server's error object, in whatever form and place: its words, codes and status."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ralph.core.data import Data, frozen
from ralph.providers._json import read_json

# The keys under which servers put an error inside a larger object.
_PLACES = ("error", "errors", "err", "base_resp")
_WORDS = (
    "message", "detail", "msg", "error_msg", "error_message", "errorMessage", "status_msg", "description", "reason",
    "title",
)  # fmt: skip
_STATUSES = ("status_code", "http_status", "http_code", "statusCode", "httpStatus", "status", "code", "error_code")
_CODES = ("error_code", "status_code", "code", "type", "status", "errorCode")
_FLAT = ("message", "detail", "msg", "error_msg", "error_message", "errorMessage")
_FINE = frozenset(("", "0", "200", "ok", "success", "none", "null", "false"))
_LEADING = re.compile(
    r"\s*(?:http(?:/\d(?:\.\d)?)?|error(?: code)?|status(?: code)?)?[\s:]*([45]\d\d)\b", re.IGNORECASE
)
_DEEPEST = 5


@frozen
class Said(Data):
    """An error in the vendor's words.

    `status`: the HTTP status that the error names, 0 for none. `own`: the error stood in an error object, as the
    errors of an API do.
    """

    words: str = ""
    type: str = ""
    codes: tuple[str, ...] = ()
    status: int = 0
    own: bool = False


def is_error(value: Any) -> bool:
    """Return whether the value of an error field is an error. Many servers send the field empty or with a zero."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        told = [value.get(k) for k in (*_STATUSES, *_WORDS) if value.get(k) is not None]
        return bool(value) and not (told and all(isinstance(t, str | int) and _fine(t) for t in told))
    if isinstance(value, list):
        return any(is_error(one) for one in value)
    return value is not None and not _fine(value)


def error_in(*places: Any) -> Any | None:
    """Return the first error in these objects, with its neighbouring fields; None if there is none."""
    for place in places:
        if isinstance(place, Mapping) and any(is_error(place.get(key)) for key in _PLACES):
            return place
    return None


def is_flat_error(event: Mapping[str, Any]) -> bool:
    """Return whether the object itself is an error. Only called for an object without an answer."""
    if event.get("object") == "error" or event.get("type") == "error":
        return True
    words = any(event.get(key) and isinstance(event[key], str | list) for key in _FLAT)
    return bool(words or any(_status(event.get(key)) for key in _STATUSES))


def read_error(data: Any, depth: int = 0) -> Said:
    """Read `{"error": {..}}`, `{"error": "text"}`, `{"detail": ..}`, `{"message": ..}`, a list, a text or a number."""
    if isinstance(data, list):
        data = next((one for one in data if is_error(one)), None)
    if depth > _DEEPEST or data is None or isinstance(data, bool):
        return Said()
    if isinstance(data, str):
        inner = _inside(data)
        return read_error(inner, depth + 1) if inner else Said(data, codes=(data,), status=_leading(data))
    if not isinstance(data, Mapping):
        return Said(str(data), status=_status(data))
    place = next((key for key in _PLACES if is_error(data.get(key))), "")
    own = _own(data, place)
    if not place:
        return own
    found = read_error(data[place], depth + 1)
    if isinstance(data[place], str) and own.words and " " not in found.words:
        found = Said(own.words, found.words, found.codes, found.status)  # the error is a code, the words are beside it
    codes = (*(f"{place}:{c}" for c in found.codes if place == "base_resp"), *found.codes, *own.codes)
    return Said(found.words or own.words, found.type or own.type, codes, found.status or own.status, True)


def _own(data: Mapping[str, Any], place: str) -> Said:
    """Return the error that the object states itself, beside an error inside it."""
    words = next((data[key] for key in _WORDS if data.get(key) and (not place or isinstance(data[key], str))), "")
    inner = read_error(words, _DEEPEST) if isinstance(words, Mapping) and not place else None
    if not isinstance(words, str):
        words = (inner and inner.words) or json.dumps(words, ensure_ascii=False)
    details = data.get("details")
    codes = [details.get("error_code") if isinstance(details, Mapping) else None, *(data.get(k) for k in _CODES)]
    given = tuple(str(c) for c in codes if isinstance(c, str | int) and not isinstance(c, bool))
    status = next((s for key in _STATUSES if (s := _status(data.get(key)))), 0)
    return Said(words, str(data.get("type") or ""), given, status or _leading(words))


def _status(value: Any) -> int:
    """Return the HTTP status of a failure; 0 for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9:
        value = int(value)
    return value if type(value) is int and 400 <= value <= 599 else 0


def _leading(words: str) -> int:
    found = _LEADING.match(words[:40])
    return int(found[1]) if found else 0


def _inside(text: str) -> Any:
    """Return the error that the text holds as JSON, as gateways forward it."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return read_json(text)
    except ValueError:
        return None


def _fine(value: Any) -> bool:
    return str(value).strip().lower() in _FINE
