"""Reads hosts and ports in every form that people write, and recognises this machine. Nothing is looked up in DNS."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

Ip = IPv4Address | IPv6Address
# Endings of names in private networks; no host on the internet has them.
_OWN = (".local", ".lan", ".internal", ".home.arpa", ".localdomain", ".localhost")
_NUMERIC = re.compile(r"[0-9]+(?:\.[0-9]+){0,3}")
_FORBIDDEN = re.compile(r"[\s\x00-\x20<>\"'\\^`{|}%,;()*$!&=#?/\[\]@]")


def split_host(text: str) -> tuple[str, int | None]:
    """Return host (ASCII, IPv6 without brackets) and port of `host`, `host:port`, `:port`, `[v6]:port` or `v6`.

    The host may be empty. Raises `ValueError` with the reason, without the text.
    """
    host, port = _cut(text)
    number = None
    if port:
        number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
        if not 1 <= number <= 65535:
            raise ValueError("its port is not valid; ports are 1 to 65535")
    return _host(host), number


def _cut(text: str) -> tuple[str, str]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or not _is_v6(host) or (rest and not rest.startswith(":")):
            raise ValueError("it contains a bracket without an IPv6 address")
        return host, rest[1:]
    if text.count(":") < 2:
        host, _, port = text.partition(":")
        return host, port
    host, _, port = text.rpartition(":")
    if host == "::1" and port.isdigit():  # also an address, but nobody means it
        return host, port
    if _is_v6(text):
        return text, ""
    if _is_v6(host):
        return host, port
    raise ValueError("it contains more colons than a host and a port have")


def _is_v6(text: str) -> bool:
    return ":" in text and address_of(text) is not None


def _host(host: str) -> str:
    if _is_v6(host):
        return host.lower()
    if _FORBIDDEN.search(host):
        raise ValueError("its host contains a character that no host name may contain")
    if not host.isascii():
        import idna  # late: 5 ms, and few hosts need it

        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            raise ValueError("its host is not a valid internet name") from None
    labels = host.removesuffix(".").split(".") if host else []
    if len(host) > 253 or any(not 0 < len(label) < 64 for label in labels):
        raise ValueError("its host is not a valid host name")
    return host.lower()


def address_of(host: str) -> Ip | None:
    """Return the address of a host, also in short forms that the system reads (`127.1`); None for a name."""
    host = host.partition("%")[0]
    try:
        return ip_address(host)
    except ValueError:
        pass
    if _NUMERIC.fullmatch(host):
        try:
            return IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    return None


def is_loopback_host(host: str) -> bool:
    """Return whether the host is this machine, by name, by address, or by a listening address (`0.0.0.0`)."""
    host = host.lower().removesuffix(".")
    address = address_of(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


def is_own_host(host: str) -> bool:
    """Return whether the host is in this machine's network, by its name alone: no public name or address."""
    address = address_of(host)
    if address is not None:
        return address.is_private or address.is_loopback or address.is_unspecified or address.is_link_local
    return "." not in host.removesuffix(".") or host.removesuffix(".").endswith(_OWN)
