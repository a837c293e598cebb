"""Removes keys and passwords from text: known ones, and texts in the shape of one.

docs/decisions/003-what-is-masked.md lists the shapes with their sources, and says where each method is used. Modules
for encoded forms only (base64 and the like) are imported on use: a start without keys does not need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

T = TypeVar("T")

MASK = "***"
# Shorter values are words, and would be removed from every sentence.
LEAST = 6
# Values that people write if a server needs no key.
PLACEHOLDERS = frozenset(
    "ollama lm-studio lmstudio llama-cpp localhost example unused nothing anything not-needed no-key no-key-required "
    "sk-no-key-required not-required placeholder changeme secret password passwd apikey api-key api_key your-api-key "
    "default anonymous EMPTY".lower().split()
)

_NAMES = (
    r"api[-_]?keys?|apikey|access[-_]?key(?:[-_]?id)?|secret(?:[-_]?(?:access[-_]?)?key)?|client[-_]?secret|passw(?:or)?d|"
    r"passphrase|pwd|(?:access|auth|refresh|id|session|bearer|security)[-_]?token|credentials?|private[-_]?key|"
    r"authorization|signature"
)
# A setting, a header or a variable with such a name holds a secret.
_SECRET_NAME = rf"(?i)(?:^|[-_.])(?:{_NAMES}|token|auth|cookie|pat|pass)$|^(?:x-)?(?:\w+-)*(?:key|token)$"
_VALUE = r"[^\s'\"`,;&<>{}()\[\]\\]"

# Strings, which `re` compiles and caches at first use, because a start needs none of them.
_SHAPES: tuple[tuple[str, str], ...] = (
    # a private key, whole or cut short, its lines as they are or as a JSON string has them
    (
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----[^'\"]*?(?:-----END [A-Z0-9 ]*-----|(?=['\"])|\Z)",
        MASK,
    ),
    # user:password@ of an address; a password may contain characters that are special in an address
    (r"(?i)\b([a-z][a-z0-9+.-]{0,20}:(?:/|\\/){2})[^\s/?#'\"<>]{0,512}@", rf"\1{MASK}@"),
    (
        r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/@:'\"<>]{0,256}:(?!\d{1,5}[/?#])[^\s@'\"<>]{0,256}@",
        rf"\1{MASK}@",
    ),
    (
        r"(?<![\w.~%+/@*-])[\w.~%+-]{1,64}:[^\s@/'\":]{3,256}@(?=[\w-]+(?:\.[\w-]+)+|[\w-]+:\d|localhost)",
        f"{MASK}@",
    ),
    # the query of an address
    (
        rf"(?i)([?&;](?:x-amz-[\w-]{{1,40}}|x-goog-[\w-]{{1,40}}|{_NAMES}|key|token|auth|sig|code|subscription-key)=)"
        r"[^&\s'\"#<>]+",
        rf"\1{MASK}",
    ),
    # headers
    (
        rf"(?i)(\b(?:proxy-)?authorization\\?['\"]?\s*[:=,]\s*\\?['\"]?(?:[a-z]{{1,20}}\s+)?)"
        rf"(?!\*\*\*){_VALUE}{{4,}}",
        rf"\1{MASK}",
    ),
    (rf"(?i)(\bbearer\s+)(?!(?:tokens?|auth\w*|scheme|header|format|realm)\b){_VALUE}{{6,}}", rf"\1{MASK}"),
    (r"(?i)(\bbasic\s+)(?=[a-z]{0,200}[0-9+/=])[a-z0-9+/_-]{8,}=*", rf"\1{MASK}"),
    # a name, a sign, a value
    (rf"(?i)((?<![a-z])(?:{_NAMES})\\?['\"]?\s*=\s*\\?['\"]?)(?!\*\*\*){_VALUE}{{4,}}", rf"\1{MASK}"),
    (
        rf"(?i)((?<![a-z])(?:{_NAMES})\\?['\"]?\s*:\s*\\?['\"]?)(?!\*\*\*)"
        rf"(?={_VALUE}{{0,200}}\d|{_VALUE}{{12,}}){_VALUE}{{6,}}",
        rf"\1{MASK}",
    ),
    (rf"(?i)(--(?:{_NAMES}|token|key)[ =])(?!\*\*\*)(?!-){_VALUE}{{4,}}", rf"\1{MASK}"),
    # vendors' keys
    (r"(?<![A-Za-z0-9])(?:sk|gsk|csk|xai|pplx|nvapi|glpat|pypi|rk|whsec)[-_][\w*.…-]{6,}", MASK),
    (
        r"(?<![A-Za-z0-9])(?:hf|pk|r8|fw|npm|tgp|jina|voyage|api_org|co|gh[opsur]|github_pat|secret|key|pat|token)"
        r"[-_](?=[\w*]{0,80}[\d*]|\w{20,})[\w*]{16,}",
        MASK,
    ),
    (r"(?<![A-Za-z0-9])(?:hf|pk)_(?=[A-Za-z]{0,80}\d)[A-Za-z0-9*]{6,}", MASK),
    (r"(?<![A-Za-z0-9])(?:xox[a-z]|xapp)-[\w-]{8,}", MASK),
    (r"(?<![A-Za-z0-9])(?:hv[sb]|SG|ya29|dop_v1)[._][\w.-]{12,}", MASK),
    (r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{12,}", MASK),
    # keys without a prefix of their own (Mistral, Azure): long, with all three kinds of characters
    (
        r"(?<![A-Za-z0-9])(?=[a-z0-9]{0,200}[A-Z])(?=[A-Z0-9]{0,200}[a-z])(?=[A-Za-z]{0,200}\d)[A-Za-z0-9]{32,}",
        MASK,
    ),
    (r"(?<![A-Za-z0-9])AIza[\w-]{20,}", MASK),
    (r"(?<![A-Za-z0-9])eyJ[\w-]{6,2000}\.[\w-]{4,}(?:\.[\w-]*)*", MASK),
)


def shapes(text: str) -> str:
    """Return ralph's own text without anything in the shape of a key or password. Answers do not pass through here."""
    for pattern, instead in _SHAPES:
        text = re.sub(pattern, instead, text, flags=re.DOTALL)
    return text


def is_secret_name(name: str) -> bool:
    """Return whether a setting, header or variable of this name holds a key or a password."""
    return bool(re.search(_SECRET_NAME, name))


def looks_random(text: str) -> bool:
    """Return whether the text is no word or name of a person: long, with letters and digits in one piece."""
    return any(
        len(piece) >= 20 or (len(piece) >= 8 and re.search(r"[A-Za-z]", piece) and re.search(r"\d", piece))
        for piece in re.findall(r"[A-Za-z0-9+/=!$%^&*]+", text)
    )


class Secrets:
    """The keys and passwords of this run. More are learnt during the run, for example from a key command."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.learn(*values)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Secrets:
        """Return the secrets in these variables."""
        made = cls()
        made.learn_environment(environ)
        return made

    @property
    def known(self) -> tuple[str, ...]:
        """Return each secret in every encoding, longest first."""
        return tuple(sorted(self._known, key=lambda s: (-len(s), s)))

    def learn(self, *values: str) -> None:
        """Treat these values as secret in every encoding that may return, except placeholders and short words."""
        from ralph.core.keys import bare_key

        for value in values:
            for one in {value, bare_key(value)}:
                if len(one) >= LEAST and one.lower() not in PLACEHOLDERS:
                    self._known.update(_writings(one))
        self._pattern = None

    def learn_url(self, text: str) -> None:
        """Learn the user and password of an address, separately and as they are sent."""
        import base64
        from urllib.parse import unquote

        found = re.match(r"(?i)\s*(?:[a-z][a-z0-9+.-]*://)?([^\s/?#]*|[^\s@]*:[^\s@]*)@", text)
        if not found:
            return
        user, colon, password = unquote(found[1]).partition(":")
        if colon:
            self.learn(password, base64.b64encode(f"{user}:{password}".encode(errors="replace")).decode())
        elif looks_random(user):
            self.learn(user)

    def learn_environment(self, environ: Mapping[str, str]) -> None:
        """Learn the values of variables with a secret name, and passwords of addresses (proxies) in any variable."""
        for name, value in environ.items():
            if "@" in value:
                self.learn_url(value)
            if not is_secret_name(name) or value.startswith(("/", "~", "./")):  # the path of a key is no key
                continue
            plainly = name.upper().endswith(("API_KEY", "TOKEN", "SECRET", "PASSWORD"))
            if looks_random(value) or (plainly and len(value) >= 8 and " " not in value.strip()):
                self.learn(value)

    def hide(self, text: str) -> str:
        """Return the text without known secrets. Used for all text that leaves ralph, including the text of others."""
        if not self._known:
            return text
        if self._pattern is None:
            self._pattern = re.compile("|".join(re.escape(one) for one in self.known))
        return self._pattern.sub(MASK, text)

    def mask(self, text: str) -> str:
        """Return the text without known secrets and without anything in the shape of one."""
        return shapes(self.hide(text))

    def hide_in(self, value: T) -> T:
        """Return the same data without known secrets; the same object if it holds none."""
        if not self._known:
            return value
        made: T = _walk(value, self)
        return made

    def split_end(self, text: str) -> int:
        """Return how many characters at the end may start a known secret that continues in the next text."""
        longest = 0
        for one in self._known:
            start = text.find(one[0], max(0, len(text) - len(one) + 1))
            while start >= 0 and len(text) - start > longest:
                if one.startswith(text[start:]):
                    longest = len(text) - start
                    break
                start = text.find(one[0], start + 1)
        return longest


class Hiding:
    """`Secrets.hide` for text in pieces: text that may start a known secret is held until more text arrives."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._held = ""

    def feed(self, text: str) -> str:
        text = self._secrets.hide(self._held + text)
        held = self._secrets.split_end(text)
        text, self._held = text[: len(text) - held], text[len(text) - held :]
        return text

    def end(self) -> str:
        """Return the held text, which was no secret."""
        held, self._held = self._held, ""
        return held


def _walk(value: Any, secrets: Secrets) -> Any:
    if isinstance(value, str):
        return secrets.hide(value) if type(value) is str else value
    if isinstance(value, Mapping):
        made = {secrets.hide(k) if type(k) is str else k: _walk(v, secrets) for k, v in value.items()}
        return value if made == value else made
    if isinstance(value, tuple | list):
        items = [_walk(item, secrets) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if is_dataclass(value) and not isinstance(value, type):
        own = {f.name: getattr(value, f.name) for f in fields(value)}
        walked = {name: _walk(item, secrets) for name, item in own.items()}
        return value if all(walked[name] is own[name] for name in own) else type(value)(**walked)
    return value


def _writings(value: str) -> Iterator[str]:
    """Yield the encodings of a value: plain, in an address, in JSON, in a repr, in HTML, in base64."""
    import base64
    import html
    import json
    from urllib.parse import quote, quote_plus

    raw = value.encode("utf-8", "replace")
    for one in (value, *(line for line in value.splitlines() if len(line) >= 16)):
        yield one
        yield from (json.dumps(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1], repr(one)[1:-1])
        yield html.escape(one)
    for escaped in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield escaped
        yield re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), escaped)
    encoded = base64.b64encode(raw).decode()
    yield from (encoded, encoded.rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("="))
