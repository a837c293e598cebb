"""Keeps the light burning."""

MAX_NIGHTS = 365


def burn(nights: int) -> int:
    """Burn for some nights."""
    # TODO trim the wick
    return min(nights, MAX_NIGHTS)
