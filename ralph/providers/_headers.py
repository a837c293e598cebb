"""Checks the headers of the configuration before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ralph.core.errors import ConfigFailure

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def sendable(headers: Mapping[str, Any], where: str) -> dict[str, str]:
    """Return names and values without surrounding white space. Raises `ConfigFailure`, which never quotes the value."""
    made = {}
    for key, value in headers.items():
        name, text = str(key).strip(), "" if value is None else str(value).strip()
        if not _NAME.fullmatch(name):
            raise ConfigFailure(f"{where}: {name!r} is not a valid header name")
        if not (text.isascii() and text.isprintable()):
            raise ConfigFailure(f"{where}.{name} contains a character that no header may contain")
        made[name] = text
    return made
