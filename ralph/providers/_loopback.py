"""Whether an address is on this machine."""

from __future__ import annotations

import re

from ralph.providers._hosts import is_loopback_host, split_host


def is_loopback(url: str) -> bool:
    """Return whether the address is on this machine, by its name alone; no DNS lookup. Invalid addresses are not."""
    authority = re.split(r"[/?#]", url.strip().partition("://")[2] or url.strip(), maxsplit=1)[0]
    try:
        host, _ = split_host(authority.rpartition("@")[2])
    except ValueError:
        return False
    return is_loopback_host(host)
