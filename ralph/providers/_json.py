"""JSON of a server as Python values that JSON can be made of again."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any


class NoNumber(str):
    """A number that JSON has no form for, as it was written: text for whoever stores it, but none that was quoted."""

    __slots__ = ()


# Python refuses to read a number of more digits (`sys.set_int_max_str_digits`).
_DIGITS = 4000


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _DIGITS else NoNumber(text)


def _float(text: str) -> float | str:
    number = float(text)
    return number if isfinite(number) else NoNumber(text)


_decode = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=NoNumber).decode


def read_json(data: bytes | str) -> Any:
    """The value. NaN, infinities and numbers beyond all bounds come as `NoNumber`.

    Raises `UnicodeDecodeError` for bytes that are no UTF-8, `ValueError` for what is no JSON.
    """
    text = data.decode() if isinstance(data, bytes) else data
    try:
        return _decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
