"""Where and how a provider's requests are sent; the same for every wire and HTTP library."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ralph.core.data import Data, frozen
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._address import Address, read_address
from ralph.providers._certificates import certificates
from ralph.providers._failures import Peer, peer_of
from ralph.providers._proxies import Proxy, proxy_for


@frozen
class Endpoint(Data):
    """The endpoint of a provider. `who` names it in sentences; `settings` holds the key, timeouts and environment."""

    address: Address
    proxy: Proxy | None
    who: Peer
    settings: ProviderSettings = field(repr=False)
    key_header: str = ""
    """The header that carries the key as it is; empty for `authorization` with `Bearer`."""

    @property
    def url(self) -> str:
        return self.address.url

    def authorization(self) -> dict[str, str]:
        """Return the authorization header: the user in the address if there is one, else the key, else no header."""
        if self.address.login:
            return {"authorization": f"Basic {base64.b64encode(self.address.login.encode()).decode()}"}
        key = self.settings.api_key
        if not key:
            return {}
        return {self.key_header: key} if self.key_header else {"authorization": f"Bearer {key}"}

    def merge_headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """`more` and the header that says who asks, with names in small letters.

        An `authorization` in `more` goes before the key, and the address's own user before both.
        """
        given, who = {name.lower(): value for name, value in more.items()}, self.authorization()
        return {**given, **who} if self.address.login else {**who, **given}

    def client_options(self, http: Any) -> dict[str, Any]:
        """Return the HTTP client's options; `http` is httpx or httpx2. May read files: call it off the event loop.

        Raises `ProviderFailure` for unreadable certificates, which are read only if they are needed. Redirects are not
        followed: a key and a conversation go only to the host that was named.
        """
        import ssl

        import truststore

        settings, proxy = self.settings, self.proxy
        secure = self.address.secure or (proxy is not None and proxy.url.startswith("https://"))
        context = certificates(settings.environ) if secure else truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        longest = max(settings.first_token_s, settings.idle_s) + 5  # a backstop: ralph's own timeouts expire first
        made = {
            "verify": context,
            "timeout": http.Timeout(longest, connect=settings.connect_s, pool=None),
            "limits": http.Limits(max_connections=1000, max_keepalive_connections=100),
            "trust_env": False,
            "follow_redirects": False,
            "params": http.QueryParams(self.address.query),
        }
        if proxy is not None:
            trusted = {"ssl_context": context} if proxy.url.startswith("https://") else {}
            made["proxy"] = http.Proxy(proxy.url, auth=proxy.login, **trusted)
        return made


def endpoint(settings: ProviderSettings, default: str, tails: str = "", *, bare_port: int | None = None) -> Endpoint:
    """Return the endpoint of these settings; see `read_address`. Raises `ConfigFailure` for unusable settings."""
    address = read_address(settings, default, tails, bare_port=bare_port)
    proxy = proxy_for(settings.environ, address)
    return Endpoint(address, proxy, peer_of(settings, address.netloc, proxy.label if proxy else ""), settings)
