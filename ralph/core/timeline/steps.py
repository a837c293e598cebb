"""The steps of a turn, in their order."""

from __future__ import annotations

from typing import Literal

Step = Literal["route", "tool", "format"]
STEPS: tuple[Step, ...] = ("route", "tool", "format")
