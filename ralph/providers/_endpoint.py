"""Where a provider's requests go and by which way; the same for every wire, whatever HTTP library it uses."""

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
    """`who` names it in sentences; `settings` hold the key, the clocks and the environment."""

    address: Address
    proxy: Proxy | None
    who: Peer
    settings: ProviderSettings = field(repr=False)

    @property
    def url(self) -> str:
        return self.address.url

    def authorization(self) -> dict[str, str]:
        """The header that says who asks: the address's own user where it names one, else the key, else nothing."""
        if self.address.login:
            return {"authorization": f"Basic {base64.b64encode(self.address.login.encode()).decode()}"}
        return {"authorization": f"Bearer {self.settings.api_key}"} if self.settings.api_key else {}

    def merge_headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """`more` and the header that says who asks, with names in small letters.

        An `authorization` in `more` goes before the key, and the address's own user before both.
        """
        given, who = {name.lower(): value for name, value in more.items()}, self.authorization()
        return {**given, **who} if self.address.login else {**who, **given}

    def client_options(self, http: Any) -> dict[str, Any]:
        """How to make the client; `http` is httpx or httpx2. May read files: call it off the loop.

        Raises `ProviderFailure` for certificates that cannot be read, which are looked at only where one is needed. No
        redirect is followed: a key and a conversation go to the host that was named and to no other.
        """
        import ssl

        import truststore

        settings, proxy = self.settings, self.proxy
        secure = self.address.secure or (proxy is not None and proxy.url.startswith("https://"))
        context = certificates(settings.environ) if secure else truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        longest = max(settings.first_token_s, settings.idle_s) + 5  # a backstop: our own clocks fire first
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
    """The endpoint of these settings; see `read_address`. Raises `ConfigFailure` for what cannot work."""
    address = read_address(settings, default, tails, bare_port=bare_port)
    proxy = proxy_for(settings.environ, address)
    return Endpoint(address, proxy, peer_of(settings, address.netloc, proxy.label if proxy else ""), settings)
