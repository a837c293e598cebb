"""Failures of requests that never arrived: no connection, an untrusted certificate, a refusing proxy, no answer."""

from __future__ import annotations

import re

from ralph.core.errors import Kind, ProviderFailure
from ralph.providers._failures import Peer

# What Linux, macOS and Windows say of a host name without an address: there is no network, or the name is wrong.
_NAMELESS = re.compile(
    r"name or service not known|name resolution|no address associated|nodename nor servname|getaddrinfo failed", re.I
)
_UNVERIFIED = re.compile(r"CERTIFICATE_VERIFY_FAILED\](?: certificate verify failed:?)?([^(]*)")


def unreachable(who: Peer, why: str, *, timeout_s: float | None = None) -> ProviderFailure:
    """Return the failure for a connection that was not made; nothing was sent."""
    by = f" through {who.via}" if who.via else ""
    if timeout_s is not None:
        return ProviderFailure(Kind.TIMEOUT, who.say(f"was not reached within {timeout_s:g} s{by}"), rejected=True)
    if untrusted := _build_tls_failure(who, why):
        return untrusted
    advice = who.chosen if who.found else f"is it running, and is {who.url_from} right?"
    if _NAMELESS.search(why) and not who.via:
        why, advice = "its name has no address here", f"is there a network, and is {who.url_from} right?"
    advice = "is the proxy right?" if who.via else advice
    return ProviderFailure(
        Kind.NETWORK, who.say(f"cannot be reached{by}: {why or 'no answer'}; {advice}"), rejected=True
    )


def _build_tls_failure(who: Peer, why: str) -> ProviderFailure | None:
    """Return the failure for a connection without encryption; another try would end the same way."""
    if found := _UNVERIFIED.search(why):
        reason = f" ({found[1].strip()})" if found[1] else ""
        what = f"shows a certificate that cannot be verified{reason}; where your network has a certificate authority of"
        what += " its own, set SSL_CERT_FILE to its file"
    elif "WRONG_VERSION_NUMBER" in why or "RECORD_LAYER" in why or "HTTP_REQUEST" in why:
        what = f"does not speak https there; does {who.url_from} begin with http:// ?"
    else:
        return None
    failure = ProviderFailure(Kind.NETWORK, who.say(what), rejected=True)
    failure.lasting = True
    return failure


def build_proxy_refusal(who: Peer, why: str) -> ProviderFailure:
    """Return the failure for a request that the proxy refused."""
    if "407" in why:
        words = f"cannot be reached: {who.via} wants a user and a password: http://USER:PASSWORD@HOST:PORT"
        return ProviderFailure(Kind.CONFIG, who.say(words), rejected=True)
    words = f"cannot be reached: {who.via or 'the proxy'} answered {why or 'nothing'}; is the proxy right?"
    return ProviderFailure(Kind.NETWORK, who.say(words), rejected=True)


def unsendable(who: Peer, why: str) -> ProviderFailure:
    """Return the failure for a request that cannot be sent; nothing was sent."""
    return ProviderFailure(Kind.CONFIG, who.say(f"was sent nothing: {why}; look at its headers and key"), rejected=True)


def build_client_failure(who: Peer, error: Exception) -> ProviderFailure:
    """Return the failure for a client that could not be built: a library is missing or has the wrong version."""
    return ProviderFailure(Kind.CONFIG, who.say(f"cannot be opened: {error}"), rejected=True)


def idle(who: Peer, seconds: float) -> ProviderFailure:
    """Return the failure for a small question (a list, a version) without an answer."""
    return ProviderFailure(Kind.TIMEOUT, who.say(f"gave no answer to a small question within {seconds:g} s"))
