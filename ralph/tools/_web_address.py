"""The address of a page: read once, written in one way, and refused if it does not lead into the public internet."""

from __future__ import annotations

import asyncio
import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

from ralph.core.data import Data, frozen
from ralph.core.llm.tool import ToolFailure

PORTS = {"http": 80, "https": 443}
LONGEST = 4000
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_SAFE = "!#$%&'()*+,/:;=?@[]~"
# Addresses that are public by their number and lead to the machine's own cloud: Azure's platform, Oracle's and
# Alibaba's metadata lie in ranges that are not public anyway.
_OWN_CLOUD = frozenset((ip_address("168.63.129.16"),))
_GLOBAL_V6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")


@frozen
class WebAddress(Data):
    """One page. `host` is in ASCII and small letters, without brackets; `target` is the path with its query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def netloc(self) -> str:
        """Return the host as a URL and a rule write it: with its port only if it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.target}"

    def at(self, address: str) -> str:
        """Return the URL with this IP address in the place of the host."""
        name = f"[{address}]" if ":" in address else address
        return f"{self.scheme}://{name}:{self.port}{self.target}"

    def is_beside(self, other: WebAddress) -> bool:
        """Return whether the other page lies on the same host and port, or on its https after http."""
        if self.host != other.host:
            return False
        return self.port == other.port or (self.port, other.port) == (80, 443)


def read_web_address(text: str) -> WebAddress:
    """Return the address of a URL. Raises `ToolFailure` for anything but a plain http or https URL."""
    text = text.strip()
    if not text or len(text) > LONGEST or re.search(r"[\x00-\x20\x7f\\]", text):
        raise ToolFailure("the URL is empty, too long, or has spaces, control characters or backslashes")
    if "://" not in text and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)", text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ToolFailure(f"'{text[:80]}' is not a URL") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        raise ToolFailure(f"only http and https are fetched, not {scheme[:20] or 'a URL without a scheme'}")
    if "@" in parts.netloc:
        raise ToolFailure("a URL with a user name or a password is not fetched")
    path, query = quote(parts.path, _SAFE) or "/", quote(parts.query, _SAFE)
    return WebAddress(
        scheme, _read_host(parts.hostname or ""), port or PORTS[scheme], path + (f"?{query}" if query else "")
    )


def names_host(rule: str, address: WebAddress) -> bool:
    """Return whether a rule names this host, as in `web_fetch(127.0.0.1:8080)`; a `*` for every host does not."""
    wanted = rule.partition("(")[2].rstrip().removesuffix(")").strip().lower()
    name = f"[{address.host}]" if ":" in address.host else address.host
    forms = {address.netloc, f"{name}:{address.port}"}
    parent = address.host
    while "." in parent and not _is_literal(address.host):
        parent = parent.partition(".")[2]
        forms |= {f"*.{parent}", f"*.{parent}:{address.port}"} if "." in parent else set()
    return wanted in forms


async def resolve(address: WebAddress) -> tuple[str, ...]:
    """Return the IP addresses of the host. Raises `OSError`."""
    if _is_literal(address.host):
        return (address.host,)
    rows = await asyncio.get_running_loop().getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(row[4][0]) for row in rows))


def is_public(address: str) -> bool:
    """Return whether an IP address lies in the public internet, also if it carries another one inside."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(one) for one in (found, *_list_carried(found)))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if address.is_multicast or address in _OWN_CLOUD:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None or address in _NAT64:
            return True  # the carried address decides
        return address in _GLOBAL_V6 and address.is_global
    return address.is_global and not address.is_reserved


def _list_carried(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address leads to: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(one for one in found if one is not None)


def _read_host(host: str) -> str:
    """Return the host in ASCII. Raises `ToolFailure`."""
    host = host.lower()
    if _is_literal(host):
        return str(ip_address(host))
    if not host.isascii():
        import idna  # comes with httpx

        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            raise ToolFailure(f"'{host[:80]}' is not the name of a host") from None
    if not _HOST.fullmatch(host) or len(host) > 253 or ".." in host:
        raise ToolFailure(f"'{host[:80]}' is not the name of a host")
    return host


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
