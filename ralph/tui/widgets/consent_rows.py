"""The rows of a question about a tool call: what it uses, why it asks, its preview and its arguments."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from textual.content import Content

from ralph.core.data import Data, frozen
from ralph.core.formatting import plural
from ralph.core.log.codec import dumps, plain
from ralph.core.ports.face import Consent
from ralph.tui.look_alikes import spell_look_alikes
from ralph.tui.text import escape_unseen

MAX_LINES = 12
_DIFF = {"+": "$text-success", "-": "$text-error", "@": "$text-accent"}
_GAP = re.compile(r"(?<=\S) {40,}(?=\S)")
_NAMES = {"read": "path", "write": "path", "network": "host", "run": "runs"}


@frozen
class Field(Data):
    """A named text of the question. `style` is the style of its text; `diff`: its lines are coloured by their signs."""

    name: str
    text: str
    style: str = ""
    diff: bool = False


def list_fields(consent: Consent) -> Sequence[Field]:
    """Return everything that a person has to see, in their order, with nothing invisible in it."""
    fields = []
    if consent.why:
        fields.append(Field("asks", _strict(consent.why), "$text-warning"))
    if consent.resource:
        fields.append(Field(_NAMES.get(consent.effect, "uses"), _resource(consent)))
    if consent.effect == "run" and (consent.sandbox or consent.network):
        fields.append(Field("sandbox", _sandbox(consent)))
    if consent.preview:
        fields.append(Field("preview", _escape(consent.preview), diff=consent.effect == "write"))
    seen = {(field.name, field.text) for field in fields}
    given = (
        Field(line(name), _escape(value)) for name, value in consent.arguments.items() if not _is_run(consent, value)
    )
    diff = _escape(consent.preview).split("\n") if consent.effect == "write" else []
    return [*fields, *(f for f in given if (f.name, f.text) not in seen and not _shows(diff, f.text))]


def _is_run(consent: Consent, value: object) -> bool:
    """Return whether this argument is the program or the line that the row `runs` shows in whole."""
    wanted = tuple(value) if isinstance(value, list) else value
    return consent.effect == "run" and bool(consent.resource) and wanted == consent.resource


def _shows(diff: Sequence[str], text: str) -> bool:
    """Return whether the preview shows all lines of this text together, as what a file has before or after the call."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2:  # one line may be a setting that a file happens to have as a line, too
        return False
    sides = ([row[1:] for row in diff if row[:1] in signs] for signs in ((" ", "+"), (" ", "-")))
    return any(side[at : at + len(lines)] == lines for side in sides for at in range(len(side) - len(lines) + 1))


def line(text: str) -> str:
    """Return the text on one line, with nothing invisible in it."""
    return " ".join(_strict(text).split())


def fit_rows(fields: Sequence[Field], width: int, room: int) -> list[Content]:
    """Return the fields in `room` rows. Long ones lose their middles, and a row says how many rows are missing."""
    rows: list[Content] = []
    for lines in range(MAX_LINES, 0, -1):
        rows = [row for field in fields for row in _rows(field, width, lines)]
        if len(rows) <= room:
            return rows
    more = plural(len(rows) - room + 1, "more row")
    told = Content.styled(f"  … {more} do not fit; ↓ shows them", "$muted").wrap(width)[:1]
    return [*rows[: room - 2], *told, rows[-1]] if room > 2 else [*rows[: room - 1], *told]


def all_rows(fields: Sequence[Field], width: int) -> list[Content]:
    """Return the fields in as many rows as they need."""
    return [row for field in fields for row in _rows(field, width, None)]


def is_cut(fields: Sequence[Field], width: int, room: int) -> bool:
    """Return whether `fit_rows` leaves anything out."""
    whole = [row.plain for field in fields for row in _rows(field, width, MAX_LINES)]
    return len(whole) > room or whole != [row.plain for row in all_rows(fields, width)]


def window(rows: Sequence[Content], top: int, room: int) -> list[Content]:
    """Return `room` rows from `top` on; a row says how many stand above, and one how many below."""
    above, below = top, max(0, len(rows) - top - room)
    shown = list(rows[top : top + room])
    if above and shown:
        shown[0] = Content.styled(f"  ↑ {plural(above + 1, 'row')} above", "$muted")
    if below and len(shown) > 1:
        shown[-1] = Content.styled(f"  ↓ {plural(below + 1, 'row')} below", "$muted")
    return shown


def _resource(consent: Consent) -> str:
    if isinstance(consent.resource, tuple):
        return " ".join(shlex.quote(_strict(word)) for word in consent.resource)
    # Late: only a question about the network needs it, and a start draws none.
    from ralph.tools.consent.hosts import find_target

    target = find_target(consent.resource) if consent.effect == "network" else None
    if target is None:
        return _strict(consent.resource)
    return target.host if target.own_port else f"{target.host}:{target.port}"


def _sandbox(consent: Consent) -> str:
    rung = consent.sandbox or "unknown"
    net = "it may use the network" if consent.network or rung in ("none", "landlock") else "no network"
    return f"none: it can read and change what you can, {net}" if rung == "none" else f"{rung}, {net}"


def _strict(text: str) -> str:
    return spell_look_alikes(escape_unseen(text), strict=True)


def _escape(value: object) -> str:
    return spell_look_alikes(escape_unseen(value if isinstance(value, str) else dumps(plain(value))))


def _rows(field: Field, width: int, lines: int | None) -> list[Content]:
    """Return one field in about `lines` rows, always with its end, because a long beginning may hide something."""
    found = field.text.split("\n")
    if lines is not None and len(found) > lines:
        found = [*found[: lines - 1], f"… {plural(len(found) - lines, 'more line')} …", found[-1]]
    shown = [_GAP.sub(_count_spaces, o) if lines is None else _middle(o, width * lines) for o in found]
    first, *rest = [(one, _style(field, one)) for one in shown]
    made = [
        Content.assemble((f"  {field.name}: ", "$muted"), first),
        *(Content.assemble(("    ", ""), r) for r in rest),
    ]
    return [row for one in made for row in one.wrap(width)]


def _count_spaces(found: re.Match[str]) -> str:
    """Return the words for a run of spaces, which a wrapped row would swallow."""
    return f" … {len(found[0])} spaces … "


def _style(field: Field, text: str) -> str:
    return _DIFF.get(text[:1], "") if field.diff else field.style


def _middle(text: str, most: int) -> str:
    """Return a line without its middle if it is too long."""
    if len(text) <= most:
        return text
    told = f" … {plural(len(text) - most, 'more character')} … "
    end = max(1, most // 3)
    return text[: most - end] + told + text[-end:]
