"""Translates a vendor's failure into a kind and a sentence that a person can act on.

Longer than 300 lines: one table of statuses, codes and phrases that five wires share, with the source beside each row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from ralph.core import formatting
from ralph.core.data import Data, frozen
from ralph.core.errors import ConfigFailure, Kind, ProviderFailure
from ralph.core.keys import impossible_in
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._error_body import Said, read_error
from ralph.providers._json import read_json
from ralph.providers._retry_after import find_delay, retry_after
from ralph.providers._unicode import pair_halves

MAX_WORDS = 300

# The vendors' own codes and types, exact. A code says more than a status: 429 has three different meanings.
_CODES: dict[str, Kind] = {
    "insufficient_quota": Kind.QUOTA,
    "billing_error": Kind.BILLING,
    "billing_not_active": Kind.BILLING,
    "billing_hard_limit_reached": Kind.BILLING,
    "enforced_spend_limit_reached": Kind.BILLING,
    "contract_spend_limit_reached": Kind.BILLING,
    "context_length_exceeded": Kind.CONTEXT_LENGTH,
    "exceed_context_size_error": Kind.CONTEXT_LENGTH,  # llama.cpp
    "string_above_max_length": Kind.CONTEXT_LENGTH,
    "request_too_large": Kind.CONTEXT_LENGTH,
    "model_not_found": Kind.UNKNOWN_MODEL,
    "model_not_supported": Kind.UNKNOWN_MODEL,  # Hugging Face's router
    "DeploymentNotFound": Kind.UNKNOWN_MODEL,
    "model_decommissioned": Kind.RETIRED_MODEL,
    "model_retired": Kind.RETIRED_MODEL,
    "authentication_error": Kind.AUTH,
    "invalid_api_key": Kind.AUTH,
    "permission_error": Kind.AUTH,
    "permission_denied": Kind.AUTH,
    "content_filter": Kind.REFUSAL,
    "content_policy_violation": Kind.REFUSAL,
    "invalid_prompt": Kind.REFUSAL,  # OpenAI: the prompt was flagged
    "rate_limit_exceeded": Kind.RATE_LIMIT,
    "rate_limit_error": Kind.RATE_LIMIT,
    "ramp_limit_exceeded": Kind.RATE_LIMIT,
    "overloaded_error": Kind.OVERLOADED,
    "capacity_exceeded": Kind.RATE_LIMIT,  # Groq 498
    "rate_limited": Kind.RATE_LIMIT,  # Mistral
    "rate_limit_reached_error": Kind.RATE_LIMIT,  # Moonshot
    "exceeded_current_quota_error": Kind.QUOTA,  # Moonshot
    "engine_overloaded_error": Kind.OVERLOADED,  # Moonshot
    "RESOURCE_EXHAUSTED": Kind.RATE_LIMIT,  # Google's names for statuses
    "UNAVAILABLE": Kind.OVERLOADED,
    "UNAUTHENTICATED": Kind.AUTH,
    "PERMISSION_DENIED": Kind.AUTH,
    "Arrearage": Kind.BILLING,  # DashScope
    "Throttling": Kind.RATE_LIMIT,
    "DataInspectionFailed": Kind.REFUSAL,
    "data_inspection_failed": Kind.REFUSAL,
    "base_resp:1002": Kind.RATE_LIMIT,  # MiniMax, whose failures all have status 200
    "base_resp:1039": Kind.RATE_LIMIT,
    "base_resp:1004": Kind.AUTH,
    "base_resp:2049": Kind.AUTH,
    "base_resp:1008": Kind.BILLING,
    "base_resp:1026": Kind.REFUSAL,
    "base_resp:1027": Kind.REFUSAL,
}
# Anthropic's types for a temporary failure inside a stream; before the stream, the status says it.
_IN_STREAM: dict[str, Kind] = {"api_error": Kind.OVERLOADED, "timeout_error": Kind.OVERLOADED}
_STATUSES: dict[int, Kind] = {
    401: Kind.AUTH,
    402: Kind.BILLING,
    403: Kind.AUTH,
    408: Kind.TIMEOUT,
    413: Kind.CONTEXT_LENGTH,
    429: Kind.RATE_LIMIT,
    498: Kind.RATE_LIMIT,
    503: Kind.OVERLOADED,
    529: Kind.OVERLOADED,
}
_TOO_LONG = re.compile(
    r"prompt is too long|maximum context length|context (length|window|size|limit)|input length and|too many tokens"
    r"|exceeds? (the )?(available |model'?s? )?context",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(r"\bmodel\b|deployment", re.IGNORECASE)
_WRONG_MODEL = re.compile(
    r"model .{0,120}(not found|does not exist|not exist|not supported by any)|(unknown|invalid|not a valid) model",
    re.IGNORECASE,
)
_NO_PATH = re.compile(
    r"^\W*(404\W*)?(page )?not ?found\W*$|\b(url|uri|path|route|endpoint|page|method)\b|\b(POST|GET) /", re.IGNORECASE
)
_RETIRED = re.compile(r"retired|decommissioned|end[- ]of[- ]life|no longer (available|supported)|shut ?down", re.I)
_NO_CREDIT = re.compile(r"credit balance|spend limit|billing|payment", re.IGNORECASE)
_SECRETS = re.compile(r"\b(?:sk|gsk|hf|xai|pk)[-_][\w*.-]{6,}|(?i:bearer)\s+\S+")

_ADVICE: dict[Kind, str] = {
    Kind.AUTH: "check {key}",
    Kind.BILLING: "check the account's billing",
    Kind.QUOTA: "check the account's quota and billing",
    Kind.UNKNOWN_MODEL: "`ralph models {name}` lists those it has",
    Kind.RETIRED_MODEL: "choose another; `ralph models {name}` lists those it has",
    Kind.CONTEXT_LENGTH: "start a new timeline with /new, or use a model with a larger window",
    Kind.RATE_LIMIT: "wait, or set `limits:` for it",
    Kind.OVERLOADED: "try again in a moment",
}


@frozen
class Peer(Data):
    """The server that failed: the names that a sentence needs, and the key that no sentence may contain.

    `found` is the day on which ralph chose the provider by itself; the reader may not know the name. `via` is the
    proxy on the way. `key_from` and `url_from` say where the key and the address were written.
    """

    name: str
    host: str
    key: str = field(default="", repr=False)
    found: str = ""
    via: str = ""
    key_from: str = "its api_key"
    url_from: str = "base_url"

    @property
    def chosen(self) -> str:
        """Return how the provider was chosen and how to choose another."""
        ways = "start it again, run `ralph` to search again, or choose another with -m or /model"
        return f"ralph found and chose it on {self.found}; {ways}"

    def say(self, what: str) -> str:
        """Return one sentence, without any key."""
        return f"{self.name} ({self.host}) {self.clean(what)}"

    def clean(self, words: str) -> str:
        """Return the words in one line, at most 300 characters, with every key replaced."""
        words = pair_halves(words)
        if len(self.key) > 3:
            words = words.replace(self.key, "…")
        words = " ".join(_SECRETS.sub("…", words).split())
        return words if len(words) <= MAX_WORDS else words[: MAX_WORDS - 1] + "…"


def peer_of(settings: ProviderSettings, host: str, via: str = "") -> Peer:
    """Return the peer that these settings describe. Raises `ConfigFailure` for a key that cannot be sent."""
    if what := impossible_in(settings.api_key):
        where = settings.key_from or f"providers.{settings.name}.api_key"
        raise ConfigFailure(f"{where} contains {what} in the middle, which no key may contain; write the key again")
    named = {k: v for k, v in (("key_from", settings.key_from), ("url_from", settings.url_from)) if v}
    return Peer(settings.name, host, settings.api_key, settings.found, via, **named)


def build_refusal(
    who: Peer, status: int, headers: Mapping[str, str], body: bytes, now: datetime | None = None, *, model: str = ""
) -> ProviderFailure:
    """Return the failure of an HTTP error status: the request was refused before any output.

    `model` is the requested model, or empty for a request that names none.
    """
    error = _error_in(body)
    words = error.words or body.decode("utf-8", "replace").strip()
    page = words.startswith("<") or "html" in headers.get("content-type", "")
    if page:  # the page of a proxy or gateway, useless in a sentence
        words = "a web page"
    kind = _kind(error, words, status)
    if status == 404 and kind is Kind.BAD_REQUEST and model and _names_no_path(error, model):
        kind = Kind.UNKNOWN_MODEL
    wait = retry_after(headers, words, now) if kind in (Kind.RATE_LIMIT, Kind.OVERLOADED) else None
    rejected = status == 401 and kind is Kind.AUTH and who.key
    what, advice = f"rejected the key ({status})" if rejected else f"answered {status}", _advice(who, kind)
    if 300 <= status < 400:
        kind, advice = Kind.CONFIG, ""
        words = f"the address has moved to {_place(headers)}; set {who.url_from} to it"
    elif status == 407:
        kind, advice = Kind.CONFIG, ""
        words = f"{who.via or 'a proxy on the way'} wants a user and a password: http://USER:PASSWORD@HOST:PORT"
    elif status == 404 and kind is Kind.BAD_REQUEST:
        words = f"{words or 'not found'} (is {who.url_from} right?)"
    elif page:
        words, advice = f"a web page, which comes from {_stranger(who)} and not from the API", advice or "look there"
    elif who.via and status in (502, 503, 504):
        words = f"{words or 'no reason given'} (by way of {who.via})"
    if wait is not None and wait >= 1:
        advice = asks_to_wait(wait, now)
    return ProviderFailure(
        kind,
        _sentence(who, what, words, advice),
        rejected=True,
        retry_after_s=wait,
        request_id=request_id(headers),
    )


def _names_no_path(error: Said, model: str) -> bool:
    """Return whether a 404 means a missing model: it has the API's own form, and the request names a model.

    A wrong path gives a 404 in other words, or without JSON.
    """
    named = re.search(rf"(?<![\w.-]){re.escape(model)}(?![\w.-])", error.words)
    return bool(error.words) and not _NO_PATH.search(error.words) and bool(error.own or named)


def asks_to_wait(seconds: float, now: datetime | None = None) -> str:
    """Return a provider's request to wait in words: how long, and until when by the local clock."""
    until = formatting.clock_time((now or datetime.now(UTC)) + timedelta(seconds=seconds), now)
    return f"it asks to wait {formatting.span(seconds)}, until {until}"


def _stranger(who: Peer) -> str:
    return who.via or "a proxy, a firewall or a login page on the way"


def _place(headers: Mapping[str, str]) -> str:
    """Return the target of a redirect, without a user or a query, which may hold secrets."""
    try:
        parts = urlsplit(headers.get("location", ""))
    except ValueError:
        return "elsewhere"
    host = parts.netloc.rpartition("@")[2]
    return (f"{parts.scheme}://{host}{parts.path}" if host else parts.path) or "elsewhere"


def build_stream_failure(who: Peer, error: Any, request: str | None = None) -> ProviderFailure:
    """Return the failure of an error inside a stream: the status was 200, and tokens may have been billed.

    A status that the error names gives the failure the kind of a response with that status.
    """
    found = read_error(error)
    kind = _kind(found, found.words, found.status or 200)
    return ProviderFailure(
        kind,
        _sentence(who, "broke off its answer", found.words or found.type or "no reason given", _advice(who, kind)),
        retry_after_s=find_delay(found.words) if kind is Kind.RATE_LIMIT else None,
        request_id=request,
    )


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the id by which the vendor's support finds a request."""
    return headers.get("request-id") or headers.get("x-request-id") or None


def build_lost_connection(who: Peer, why: str, request: str | None = None) -> ProviderFailure:
    """Return the failure of a connection that broke after the request was sent."""
    return ProviderFailure(Kind.NETWORK, who.say(f"lost the connection: {why or 'closed'}"), request_id=request)


def silent(who: Peer, seconds: float, *, begun: bool, request: str | None = None) -> ProviderFailure:
    """Return the failure of an answer whose first-token or idle timeout expired."""
    what = (
        f"went silent in mid-answer for {seconds:g} s; timeout.idle_s sets how long that may be"
        if begun
        else f"gave no answer within {seconds:g} s; timeout.first_token_s sets how long that may take"
    )
    return ProviderFailure(Kind.TIMEOUT, who.say(what), request_id=request)


def build_truncation(who: Peer, request: str | None = None) -> ProviderFailure:
    """Return the failure of a stream that ended without its wire's terminal event."""
    return ProviderFailure(Kind.TRUNCATED, who.say("ended its answer before it was complete"), request_id=request)


def build_bare_failure(who: Peer, kind: Kind, word: str) -> ProviderFailure:
    """Return the failure of an answer whose finish reason is a failure and that holds no further error."""
    return ProviderFailure(kind, _sentence(who, kind, "broke off its answer", f"it gave the reason {word!r}"))


def build_malformed_answer(who: Peer, what: str, request: str | None = None) -> ProviderFailure:
    """Return the failure of an answer that does not have its wire's form."""
    return ProviderFailure(Kind.PROTOCOL, who.say(f"sent {what}; check {who.url_from}"), request_id=request)


def _error_in(body: bytes) -> Said:
    try:
        return read_error(read_json(body))
    except ValueError:
        return Said()


def _kind(error: Said, words: str, status: int) -> Kind:
    """Return the kind by the vendor's code, else by words that only the vendor uses, else by the status."""
    if kind := _match_code(error.codes, status):
        return kind
    if status in (200, 400, 404, 410, 422, 500) and (kind := _match_words(words, status)):
        return kind
    if status == 200:
        return next((_IN_STREAM[c] for c in error.codes if c in _IN_STREAM), Kind.SERVER)
    return _STATUSES.get(status) or (Kind.SERVER if status >= 500 else Kind.BAD_REQUEST)


def _match_code(codes: tuple[str, ...], status: int) -> Kind | None:
    told = [_CODES[c] for c in codes if c in _CODES]
    if status == 413 and Kind.RATE_LIMIT in told:
        return Kind.CONTEXT_LENGTH  # Groq: one request exceeds the tokens a minute; only a shorter request helps
    if any(c.endswith("_spend_limit_reached") for c in codes):
        return Kind.BILLING
    if any(c.endswith(("_policy", "_policy_violation")) for c in codes):
        return Kind.REFUSAL
    return told[0] if told else None


def _match_words(words: str, status: int) -> Kind | None:
    """Return the kind by the words alone: Anthropic and most imitators have no code for these failures."""
    if _TOO_LONG.search(words):
        return Kind.CONTEXT_LENGTH
    if status == 400 and _NO_CREDIT.search(words):
        return Kind.BILLING
    if status in (400, 404, 410) and _NO_MODEL.search(words) and _RETIRED.search(words):
        return Kind.RETIRED_MODEL
    if status == 404 and _NO_MODEL.search(words):
        return Kind.UNKNOWN_MODEL
    if status == 400 and _WRONG_MODEL.search(words):
        return Kind.UNKNOWN_MODEL
    return None


def _sentence(who: Peer, what: str, words: str, advice: str) -> str:
    said = who.say(f"{what}: {who.clean(words)}" if words else what).rstrip(". ")
    return f"{said}; {advice}" if advice else said


def _advice(who: Peer, kind: Kind) -> str:
    if kind is Kind.AUTH and not who.key:
        return f"this server asks for a key: set providers.{who.name}.api_key"
    advice = _ADVICE.get(kind, "").format(name=who.name, key=who.key_from)
    return f"{advice}; {who.chosen}" if who.found and kind is Kind.UNKNOWN_MODEL else advice
