"""The certificates and the proxy for a page of the web, in the same way as for a provider."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from ralph.core.errors import Failure, Kind
from ralph.providers._address import Address
from ralph.providers._certificates import certificates
from ralph.providers._hosts import is_loopback_host, split_host
from ralph.providers._proxies import proxy_for


def web_options(environ: Mapping[str, str], url: str) -> dict[str, Any]:
    """Return options of an `httpx` client for this URL, which is `http` or `https`. May read files.

    Raises `Failure` for a proxy or certificates that cannot be read.
    """
    import httpx

    scheme, _, rest = url.partition("://")
    netloc = rest.partition("/")[0]
    try:
        host, port = split_host(netloc)
    except ValueError as error:
        raise Failure(Kind.USAGE, f"{netloc} is not a host: {error}") from None
    address = Address(f"{scheme}://{netloc}", netloc, host, port, local=is_loopback_host(host))
    proxy = proxy_for(environ, address)
    secure = address.secure or (proxy is not None and proxy.url.startswith("https://"))
    context = certificates(environ) if secure else ssl.create_default_context()
    made: dict[str, Any] = {"verify": context, "trust_env": False, "follow_redirects": False}
    if proxy is not None:
        trusted: dict[str, Any] = {"ssl_context": context} if proxy.url.startswith("https://") else {}
        made["proxy"] = httpx.Proxy(proxy.url, auth=proxy.login, **trusted)
    return made
