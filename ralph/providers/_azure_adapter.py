"""Azure OpenAI: OpenAI's wires at a resource, with deployments in place of models."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any
from urllib.parse import quote

from ralph.core.errors import ConfigFailure
from ralph.core.ports.provider_spec import ProviderSettings, find_base_model
from ralph.providers._endpoint import Endpoint, endpoint
from ralph.providers._openai_adapter import OpenAIApi, OpenAIProvider
from ralph.providers._sdk import Json

# What people paste along; a request adds the rest itself.
_TAILS = r"/chat/completions|/completions|/responses|/models|/deployments/[^/]+|/openai/v1|/openai"
_APIS = ("", "responses", "chat")
_AUTHS = ("", "key", "entra")


def open_azure(settings: ProviderSettings) -> OpenAIProvider:
    """Return the provider of a resource: the v1 API, or the classic one with `api_version`. Raises `ConfigFailure`."""
    options, at = settings.options, f"providers.{settings.name}"
    _check(options["api"], _APIS, f"{at}.api")
    _check(options["auth"], _AUTHS, f"{at}.auth")
    if not settings.base_url and not options["resource"]:
        raise ConfigFailure(f"{at}: write resource: NAME, or base_url: https://NAME.openai.azure.com")
    version = str(options["api_version"] or "")
    where = _place(settings, version)
    wire = options["api"] or ("chat" if version else "responses")
    own = OpenAIApi(True, responses=wire == "responses", base=partial(find_base_model, options))
    if not version:
        return OpenAIProvider(settings, where, own)
    classic = replace(own, chat_path=_deployment_path, make=partial(_make_classic, version))
    return OpenAIProvider(settings, where, classic)


def _check(found: object, taken: tuple[str, ...], where: str) -> None:
    if found not in taken:
        takes = ", ".join(filter(None, taken))
        raise ConfigFailure(f"{where}: found {found!r}, but it takes one of {takes}")


def _place(settings: ProviderSettings, version: str) -> Endpoint:
    """Return the endpoint: the key in `api-key`, a token as `Bearer`, and the version in each address."""
    resource = f"https://{settings.options['resource']}.openai.azure.com" if settings.options["resource"] else ""
    where = endpoint(replace(settings, base_url=settings.base_url or resource), resource, _TAILS)
    root = "/openai" if version else "/openai/v1"
    query = "&".join(filter(None, (where.address.query, f"api-version={quote(version)}" if version else "")))
    address = replace(where.address, url=f"{_without_v1(where.address.url)}{root}", query=query)
    token = settings.key_source in ("api_key_command", "entra") and settings.options["auth"] != "key"
    return replace(where, address=address, key_header="" if token else "api-key")


def _without_v1(url: str) -> str:
    """Return the address of the resource: a private address without a path was given `/v1`."""
    return url.removesuffix("/v1")


def _deployment_path(deployment: str) -> str:
    return f"/deployments/{quote(deployment, safe='')}/chat/completions"


def _make_classic(version: str, sdk: ModuleType, options: Json) -> Any:
    key = options.pop("api_key")
    # The SDK adds its own header for what it is given, beside those of ralph.
    given = "azure_ad_token" if "Authorization" in options["default_headers"] else "api_key"
    return sdk.AsyncAzureOpenAI(**options, **{given: key}, api_version=version)
