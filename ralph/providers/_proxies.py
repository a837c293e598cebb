"""Finds the proxy that the environment names for an address, in every form that people write.

Both HTTP libraries read these variables too, each in its own way, and refuse all requests if they cannot read one
entry. So ralph turns their reading off (`trust_env=False`) and hands them the proxy that is found here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from ipaddress import ip_address, ip_network
from urllib.parse import unquote

from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure
from ralph.core.keys import bare_key
from ralph.providers._address import Address
from ralph.providers._hosts import address_of, split_host

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_SOCKS = {"socks5": "socks5", "socks5h": "socks5h", "socks": "socks5"}
_EXAMPLE = "http://proxy.example:3128"


@frozen
class Proxy(Data):
    """A proxy. `url` has no user, `login` is user and password, and `variable` is the variable that names the proxy."""

    url: str
    variable: str
    login: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """Return the proxy as a sentence names it, without user and password."""
        return f"the proxy {self.url.partition('://')[2]} ({self.variable})"


def proxy_for(environ: Mapping[str, str], address: Address) -> Proxy | None:
    """Return the proxy for this address; None for this machine and for hosts in `NO_PROXY`.

    The variable is `HTTPS_PROXY` or `HTTP_PROXY` by the address's scheme, else `ALL_PROXY`. The lower-case name comes
    first, and an empty value counts as unset. Raises `ConfigFailure` for a needed proxy that cannot be read.
    """
    if address.local:
        return None
    own = "https_proxy" if address.secure else "http_proxy"
    variable, value = _first(environ, own, "all_proxy")
    if not value or _is_excluded(_first(environ, "no_proxy")[1], address.host, address.port):
        return None
    return _read(variable, value)


def _first(environ: Mapping[str, str], *names: str) -> tuple[str, str]:
    """Return the first of the variables that is not empty, and its value."""
    for spelt in (s for name in names for s in (name, name.upper())):
        if value := bare_key(environ.get(spelt, "")):
            return spelt, value
    return "", ""


def _read(variable: str, value: str) -> Proxy:
    found = _SCHEME.match(value)
    scheme, rest = (found[1].lower(), found[2]) if found else ("http", value.removeprefix("//"))
    if scheme.startswith("socks") and scheme not in _SOCKS:
        raise _build_config_failure(variable, f"{scheme} is not supported; use socks5")
    if scheme not in ("http", "https", *_SOCKS):
        raise _build_config_failure(variable, "its scheme is not http, https or socks5")
    user, at, place = rest.rpartition("@")  # a password may contain anything except "@"
    place = re.split(r"[/?#]", place, maxsplit=1)[0]
    try:
        host, port = split_host(place)
    except ValueError as error:
        raise _build_config_failure(variable, str(error)) from None
    if not host or (not found and host in ("http", "https")):
        raise _build_config_failure(variable, "it names no host")
    if scheme in _SOCKS:
        scheme = _SOCKS[scheme]
        _require_socks(variable)
    netloc = f"[{host}]" if ":" in host else host
    port = port or {"http": 80, "https": 443}.get(scheme, 1080)
    name, _, password = user.partition(":")
    return Proxy(f"{scheme}://{netloc}:{port}", variable, (unquote(name), unquote(password)) if at else None)


def _build_config_failure(variable: str, why: str) -> ConfigFailure:
    """Return the failure without the value, which may hold a password."""
    return ConfigFailure(f"{variable} is not the address of a proxy: {why}; write for example {_EXAMPLE}, or unset it")


def _require_socks(variable: str) -> None:
    from importlib.util import find_spec

    if find_spec("socksio") is None:
        raise ConfigFailure(f"{variable} names a SOCKS proxy, which needs one more package: pip install socksio")


def _is_excluded(no_proxy: str, host: str, port: int | None) -> bool:
    return any(_matches(bare_key(entry), host, port) for entry in re.split(r"[\s,;]+", no_proxy))


def _matches(entry: str, host: str, port: int | None) -> bool:
    """Match an entry of `NO_PROXY`: `*`, a name with its subdomains, or an address or network; each may have a port."""
    entry = entry.lower().rpartition("://")[2]
    if entry == "*" or (entry == "<local>" and "." not in host and ":" not in host):
        return True
    if "/" in entry:
        return _in_network(entry, host)
    name = entry.removeprefix("*").removeprefix(".")
    try:
        wanted, only_port = split_host(name)
    except ValueError:
        return _matches_pattern(name, host)
    if not wanted or (only_port and only_port != port):
        return False
    address = address_of(wanted)
    if address is not None:
        return address == address_of(host)
    host, wanted = host.removesuffix("."), wanted.removesuffix(".")
    return host == wanted or host.endswith(f".{wanted}")


def _in_network(entry: str, host: str) -> bool:
    """Match `10.0.0.0/8` or `fd07:b51a::/64`, also in brackets. An invalid network matches nothing."""
    try:
        network = ip_network(entry.replace("[", "").replace("]", ""), strict=False)
        address = ip_address(address_of(host) or "")
    except ValueError:
        return False
    return address in network


def _matches_pattern(pattern: str, host: str) -> bool:
    """Match `10.1.*` and the like. Any other unreadable entry matches nothing."""
    from fnmatch import fnmatchcase

    return "*" in pattern and fnmatchcase(host, pattern)
