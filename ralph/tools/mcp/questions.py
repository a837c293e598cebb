"""What servers ask of a person: the fields of a form one after the other, or the visit of an address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ralph.core.ports.face import Asker
from ralph.core.sanitise import one_line

Json = Mapping[str, Any]

MAX_TRIES = 3
MAX_SHOWN = 500
DECLINED: Json = {"action": "decline"}
CANCELLED: Json = {"action": "cancel"}
_MISSING = object()


class Questions:
    """Asks the person at the face. Without a person everything is declined."""

    def __init__(self, asker: Callable[[], Asker | None]) -> None:
        self._asker = asker

    def answer_for(self, server: str) -> Callable[[Json], Awaitable[Json]]:
        """Return what answers the questions of this server."""

        async def answer(params: Json) -> Json:
            asker = self._asker()
            if asker is None:
                return DECLINED
            if params.get("mode") == "url":
                return await _ask_visit(asker, server, params)
            return await _ask_form(asker, server, params)

        return answer


async def _ask_visit(asker: Asker, server: str, params: Json) -> Json:
    """Show the address and its host. Nothing is opened: the person opens it, or not."""
    url = str(params.get("url", ""))
    parts = urlsplit(url)
    message = one_line(str(params.get("message", "")))[:MAX_SHOWN]
    title = f"the server {server} asks you to visit {parts.hostname or 'an address without a host'}: {message}"
    options = [("yes", f"I have opened {one_line(url)[:MAX_SHOWN]}"), ("no", "decline")]
    chosen = await asker.choose(title, options)
    return {"action": "accept"} if chosen == "yes" else DECLINED if chosen else CANCELLED


async def _ask_form(asker: Asker, server: str, params: Json) -> Json:
    message = one_line(str(params.get("message", "")))[:MAX_SHOWN]
    schema = params.get("requestedSchema")
    fields = schema.get("properties") if isinstance(schema, Mapping) else None
    names = ", ".join(fields) if isinstance(fields, Mapping) and fields else "a yes"
    chosen = await asker.choose(
        f"the server {server} asks: {message}", [("yes", f"answer; it wants: {names}"), ("no", "decline")]
    )
    if chosen != "yes":
        return DECLINED if chosen else CANCELLED
    content: dict[str, Any] = {}
    required = schema.get("required", ()) if isinstance(schema, Mapping) else ()
    for name, field in (fields or {}).items():
        value = await _ask_field(asker, server, name, field if isinstance(field, Mapping) else {}, name in required)
        if value is None:
            return CANCELLED
        if value is not _MISSING:
            content[name] = value
    return {"action": "accept", "content": content}


async def _ask_field(asker: Asker, server: str, name: str, field: Json, required: bool) -> Any:
    """Return the value; `_MISSING` for a field that may be left out and was, None if the person gives up."""
    title = one_line(str(field.get("title") or name))
    note = one_line(str(field.get("description") or ""))[:MAX_SHOWN]
    options = list_options(field)
    if field.get("type") == "boolean":
        answers = _default_first([("true", "yes"), ("false", "no")], str(field.get("default")).lower())
        chosen = await asker.choose(f"{server} · {title}: {note}".rstrip(": "), answers)
        return None if chosen is None else chosen == "true"
    many = field.get("type") == "array"
    if options and not many and len(options) <= MAX_TRIES:
        answers = _default_first(options, str(field.get("default")))
        return await asker.choose(f"{server} · {title}: {note}".rstrip(": "), answers)
    listed = "; ".join(f"{value}" if value == label else f"{value} ({label})" for value, label in options)
    hints = [
        note,
        f"one of: {listed}" if options and not many else "",
        f"any of, with commas: {listed}" if many else "",
    ]
    if field.get("default") is not None:
        hints.append(f"empty: {field['default']}")
    elif not required:
        hints.append("it may stay empty")
    words = " · ".join(hint for hint in hints if hint)
    for _ in range(MAX_TRIES):
        text = await asker.enter(f"{server} · {title}", words)
        if text is None:
            return None
        if not text.strip() and ("default" in field or not required):
            return field.get("default", _MISSING)
        try:
            return read_value(text.strip(), field, [value for value, _ in options])
        except ValueError as error:
            words = f"{error} · {words}"
    return None


def _default_first(options: Sequence[tuple[str, str]], default: str) -> Sequence[tuple[str, str]]:
    return sorted(options, key=lambda option: option[0] != default)


def list_options(field: Json) -> Sequence[tuple[str, str]]:
    """Return the values that a field may have, each with its label."""
    items = field.get("items")
    source = items if field.get("type") == "array" and isinstance(items, Mapping) else field
    if isinstance(source.get("enum"), list):
        labels = source.get("enumNames")
        values = [str(value) for value in source["enum"]]
        named = labels if isinstance(labels, list) and len(labels) == len(values) else values
        return [(value, one_line(str(label))) for value, label in zip(values, named, strict=True)]
    for keyword in ("oneOf", "anyOf"):
        if isinstance(source.get(keyword), list):
            rows = [one for one in source[keyword] if isinstance(one, Mapping) and "const" in one]
            return [(str(one["const"]), one_line(str(one.get("title", one["const"])))) for one in rows]
    return ()


def read_value(text: str, field: Json, options: Sequence[str]) -> Any:
    """Return the value of a written text. Raises `ValueError` with what is wrong."""
    kind = field.get("type", "string")
    if kind == "array":
        values = [part.strip() for part in text.split(",") if part.strip()]
        if wrong := [value for value in values if options and value not in options]:
            raise ValueError(f"'{wrong[0]}' is none of them")
        return values
    if options and text not in options:
        raise ValueError(f"'{text[:40]}' is none of them")
    if kind == "integer":
        return _check_bounds(int(text) if text.lstrip("+-").isdecimal() else _no("a whole number"), field)
    if kind == "number":
        try:
            return _check_bounds(float(text), field)
        except ValueError:
            _no("a number in its bounds")
    if len(text) < int(field.get("minLength") or 0):
        raise ValueError(f"it takes at least {field['minLength']} characters")
    if field.get("maxLength") is not None and len(text) > int(field["maxLength"]):
        raise ValueError(f"it takes at most {field['maxLength']} characters")
    return text


def _check_bounds(number: Any, field: Json) -> Any:
    low, high = field.get("minimum"), field.get("maximum")
    if (low is not None and number < low) or (high is not None and number > high):
        raise ValueError(
            f"it takes a number from {low if low is not None else '…'} to {high if high is not None else '…'}"
        )
    return number


def _no(wanted: str) -> Any:
    raise ValueError(f"it takes {wanted}")
