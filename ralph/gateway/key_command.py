"""Reads a key from a program: a vault, a keyring, a password manager."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ralph.core.errors import ConfigFailure
from ralph.core.keys import bare_key

KEY_COMMAND_S = 30.0
# `api_key: "keyvault:VAULT/SECRET"` is fetched from Azure.
VAULT_PREFIX = "keyvault:"
# A token is fetched again so many seconds before it ends, so that none ends on its way.
EARLY_S = 60.0

# The fields of a token that a program prints as JSON: `az account get-access-token`, `gcloud` and OAuth.
_TOKENS = ("accessToken", "access_token", "token")
_ENDS = ("expires_on", "expiresOn", "expiry", "expires_at")


class FetchedKey(NamedTuple):
    """A key, and the seconds for which it is valid; None if it has no end."""

    key: str
    lifetime_s: float | None = None


def run_key_command(name: str, command: tuple[str, ...]) -> FetchedKey:
    """Return the provider's key. A JSON object with a token and its end is read as such. No message contains the
    program's output. Raises `ConfigFailure`."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=KEY_COMMAND_S, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        reason = type(error).__name__
        raise ConfigFailure(f"providers.{name}.api_key_command: '{command[0]}' gave no key ({reason})") from None
    wide = done.stdout[:2] in (b"\xff\xfe", b"\xfe\xff")  # some shells of Windows print UTF-16
    printed = done.stdout.decode("utf-16" if wide else "utf-8", "replace")
    found = _read_token(printed) or FetchedKey(bare_key(printed))
    if not found.key:
        raise ConfigFailure(f"providers.{name}.api_key_command: '{command[0]}' printed no key")
    return found


def _read_token(printed: str) -> FetchedKey | None:
    """Return the token of a JSON object; None for anything else."""
    try:
        given = json.loads(printed) if printed.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return None
    token = next((given[name] for name in _TOKENS if isinstance(given.get(name), str)), "") if given else ""
    return FetchedKey(bare_key(token), _read_lifetime(given)) if given and token else None


def _read_lifetime(given: Mapping[str, Any]) -> float | None:
    """Return the seconds until a token ends, less a minute; None if the object does not say."""
    left = given.get("expires_in")
    if isinstance(left, int | float) and not isinstance(left, bool):
        return max(0.0, left - EARLY_S)
    for end in (given[name] for name in _ENDS if name in given):
        try:
            if isinstance(end, int | float) or str(end).isdigit():
                at = float(end)
            else:
                at = datetime.fromisoformat(str(end)).timestamp()  # without a zone: local time, as `az` prints
        except (ValueError, OverflowError, OSError):
            continue
        return max(0.0, at - time.time() - EARLY_S)
    return None
