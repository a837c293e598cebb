"""Reads a server's JSON into Python values that can be written as JSON again."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any


class NoNumber(str):
    """A number that JSON cannot represent, as it was written. Stored as text; it was not a quoted string."""

    __slots__ = ()


# Python refuses to read longer numbers (`sys.set_int_max_str_digits`).
_DIGITS = 4000


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _DIGITS else NoNumber(text)


def _float(text: str) -> float | str:
    number = float(text)
    return number if isfinite(number) else NoNumber(text)


_decode = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=NoNumber).decode


def read_json(data: bytes | str) -> Any:
    """Return the value. NaN, infinities and numbers that are too large become `NoNumber`.

    Raises `UnicodeDecodeError` for bytes that are not UTF-8, and `ValueError` for text that is not JSON.
    """
    text = data.decode() if isinstance(data, bytes) else data
    try:
        return _decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
