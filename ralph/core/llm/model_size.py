"""Reads the size of a model from its name: `llama3.2:3b`, `SmolLM2-135M-Instruct`, `mixtral-8x7b`."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,3})?)\s?([bm])(?![a-z0-9])", re.IGNORECASE)


def parameters_in(name: str) -> float | None:
    """Return the billions of parameters in the name, the largest of several; None if the name states none."""
    found = [
        int(times or 1) * float(number) / (1 if unit in "bB" else 1000) for times, number, unit in _SIZE.findall(name)
    ]
    return max(found, default=None)
