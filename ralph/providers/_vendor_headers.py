"""The headers of a vendor's API, with those that its SDK reads from the environment."""

from __future__ import annotations

from collections.abc import Mapping

from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._headers import sendable

# The version of the API that the bodies are written for; the SDK sends the same.
_ANTHROPIC_VERSION = "2026-10-21"


def anthropic_headers(settings: ProviderSettings) -> Mapping[str, str]:
    """Raises `ConfigFailure` for a header of the environment that cannot be sent."""
    own = {"accept": "application/json", "anthropic-version": _ANTHROPIC_VERSION}
    return {**own, **_read_lines(settings.environ, "ANTHROPIC_CUSTOM_HEADERS")}


def openai_headers(settings: ProviderSettings) -> Mapping[str, str]:
    """Raises `ConfigFailure` for a header of the environment that cannot be sent."""
    own = {"accept": "application/json"}
    for variable, header in (("OPENAI_ORG_ID", "openai-organization"), ("OPENAI_PROJECT_ID", "openai-project")):
        if settings.environ.get(variable, "").strip():
            own |= sendable({header: settings.environ[variable]}, variable)
    return {**own, **_read_lines(settings.environ, "OPENAI_CUSTOM_HEADERS")}


def _read_lines(environ: Mapping[str, str], variable: str) -> dict[str, str]:
    """`NAME: VALUE`, one a line, as the SDKs read the variable; names in small letters."""
    lines = (line.partition(":") for line in environ.get(variable, "").splitlines())
    return sendable({name.strip().lower(): value for name, colon, value in lines if colon}, variable)
