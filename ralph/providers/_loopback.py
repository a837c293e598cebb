"""Whether an address is on this machine."""

from __future__ import annotations

import re

from ralph.providers._hosts import is_loopback_host, split_host


def is_loopback(url: str) -> bool:
    """By its name alone; nothing is looked up. Whatever is no address is not."""
    authority = re.split(r"[/?#]", url.strip().partition("://")[2] or url.strip(), maxsplit=1)[0]
    try:
        host, _ = split_host(authority.rpartition("@")[2])
    except ValueError:
        return False
    return is_loopback_host(host)
