"""Detects a mistyped command, which must not be sent to a model: it would cost money and answer nothing."""

from __future__ import annotations

from ralph.cli import verbs
from ralph.core.errors import Failure, Kind, nearest

# Words that people type when they look for these flags.
_FLAGS = {"help": "--help", "version": "--version"}


def refuse_near_verb(word: str) -> None:
    """Raise `Failure(USAGE)` for a single word that is similar to a command; never for -p or several words."""
    if not word or word.startswith(("-", "/")) or len(word.split()) != 1:
        return
    meant = nearest(word.casefold(), (*verbs.names(), *_FLAGS))
    if meant:
        named = " or ".join(f"ralph {_FLAGS.get(name, name)}" for name in meant)
        raise Failure(
            Kind.USAGE, f"there is no command '{word}'; did you mean {named}? To ask a model, write ralph -p '{word}'"
        )
