"""Matches a URL with a host: case, other alphabets, ports, and addresses in disguise are seen as a client sees them."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

from ralph.core.data import Data, frozen

PORTS = {"http": 80, "https": 443}
_ODD = re.compile(r"[\x00-\x20\x7f-\xa0\\\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


@frozen
class UrlTarget(Data):
    """The host and port that a URL leads to."""

    host: str
    port: int
    own_port: bool
    """Whether it is the port of the URL's scheme."""
    clear: bool
    """Whether every client reads the same host from it: no user name, no address in an odd form."""


@frozen
class HostRule(Data):
    """The resource of a rule about the network. `below`: any host below this one; an empty host is any host."""

    host: str
    port: int | None
    below: bool = False

    def fits(self, target: UrlTarget) -> bool:
        """Return whether the host is one of the rule's, whatever its port."""
        if not self.host:
            return True
        return target.host.endswith(f".{self.host}") if self.below else target.host == self.host


def find_target(url: str) -> UrlTarget | None:
    """Return where the URL leads; None if no client could be trusted to read it as we do."""
    if _ODD.search(url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not host or "%" in host:
        return None
    name = canonical_host(host)
    if name is None:
        return None
    odd = _read_old_address(host)
    own = PORTS[scheme]
    return UrlTarget(
        odd or name, own if port is None else port, port in (None, own), not odd and "@" not in parts.netloc
    )


def read_host_rule(text: str) -> HostRule | None:
    """Return the host of a rule: `host`, `*.host`, `host:port` or `*`; None if it is none."""
    host, port = text.strip(), None
    found = re.fullmatch(r"([^:]*|\[.*\]):(\d{1,5})", host)
    if found:
        host, port = found[1], int(found[2])
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if host == "*":
        return HostRule("", port)
    below = host.startswith("*.")
    name = canonical_host(host.removeprefix("*."))
    return None if name is None else HostRule(name, port, below)


def covers_url(resource: str, url: str) -> bool:
    """Return whether an allow rule with this host covers the URL."""
    rule, target = read_host_rule(resource), find_target(url)
    if rule is None or target is None or not target.clear:
        return False
    return rule.fits(target) and (target.own_port if rule.port is None else target.port == rule.port)


def touches_url(resource: str, url: str) -> bool:
    """Return whether a deny or ask rule with this host is about the URL; without a port it means every port."""
    rule, target = read_host_rule(resource), find_target(url)
    if rule is None:
        return True
    if target is None:
        return not rule.host or rule.host in url.casefold()
    return rule.fits(target) and rule.port in (None, target.port)


def canonical_host(host: str) -> str | None:
    """Return the name in lower case, other alphabets as `xn--`, or the address; None if it can be neither."""
    try:
        return ipaddress.ip_address(host).compressed
    except ValueError:
        pass
    name = host.lower().removesuffix(".")
    if not name.isascii():
        import idna  # a name in another alphabet imports it

        try:
            name = idna.encode(name, uts46=True).decode().lower()
        except (idna.IDNAError, UnicodeError, IndexError):
            return None
    return name if len(name) <= 253 and _HOST.fullmatch(name) else None


def _read_old_address(host: str) -> str:
    """Return the address of a host such as `127.1` or `0x7f000001`, which some clients accept; else nothing."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if re.fullmatch(r"[0-9a-fx.]+", host.lower()):
            try:
                return socket.inet_ntoa(socket.inet_aton(host))
            except (OSError, ValueError):
                return ""
    return ""
