"""Keys and tokens from Azure: a secret of a key vault, and a token of Entra ID. Needs the extra `azure`."""

from __future__ import annotations

import time
from typing import Any

from ralph.core.errors import ConfigFailure
from ralph.core.keys import bare_key
from ralph.core.libraries import load_libraries
from ralph.gateway.key_command import VAULT_PREFIX, FetchedKey

# A token is fetched again so many seconds before it ends, so that none ends on its way.
EARLY_S = 300.0

_SCOPES = {"v1": "https://ai.azure.com/.default", "classic": "https://cognitiveservices.azure.com/.default"}


def fetch_vault_key(name: str, address: str) -> FetchedKey:
    """Return a secret of a key vault; `address` is VAULT/SECRET, the vault's name or its URL. Uses the network: call it
    in a thread. Raises `ConfigFailure`, which never quotes the secret."""
    where = f"providers.{name}.api_key"
    vault, _, secret = address.removeprefix(VAULT_PREFIX).rpartition("/")
    if not vault or not secret:
        raise ConfigFailure(f"{where}: write keyvault:VAULT/SECRET, for example keyvault:my-vault/openai-key")
    url = vault if "://" in vault else f"https://{vault}.vault.azure.net"
    identity, secrets = _load(where, "azure.identity", "azure.keyvault.secrets")
    try:
        with identity.DefaultAzureCredential() as credential, secrets.SecretClient(url, credential) as client:
            key = bare_key(client.get_secret(secret).value or "")
    except Exception as error:  # border: azure's clients raise many kinds, all of which mean that there is no key
        raise ConfigFailure(f"{where}: {vault} gave no secret {secret} ({_reason(error)})") from error
    if not key:
        raise ConfigFailure(f"{where}: the secret {secret} of {vault} is empty")
    return FetchedKey(key)


def fetch_entra_token(name: str, *, classic: bool) -> FetchedKey:
    """Return a token of Entra ID for Azure OpenAI. Uses the network: call it in a thread. Raises `ConfigFailure`."""
    where = f"providers.{name}.auth"
    (identity,) = _load(where, "azure.identity")
    try:
        with identity.DefaultAzureCredential() as credential:
            token = credential.get_token(_SCOPES["classic" if classic else "v1"])
    except Exception as error:  # border: as above
        raise ConfigFailure(
            f"{where}: Entra ID gave no token ({_reason(error)}); log in with `az login`, or set AZURE_CLIENT_ID, "
            "AZURE_TENANT_ID and AZURE_CLIENT_SECRET"
        ) from error
    # The library's clock: `expires_on` is in seconds since 1970.
    return FetchedKey(token.token, max(0.0, token.expires_on - time.time() - EARLY_S))


def _load(where: str, *modules: str) -> tuple[Any, ...]:
    try:
        return tuple(load_libraries(module) for module in modules)
    except ImportError as error:
        raise ConfigFailure(f"{where} needs the extra azure: pip install 'ralph[azure]'") from error


def _reason(error: Exception) -> str:
    """Return the first line of an error, which names the cause; the rest lists every way that was tried."""
    first = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {first[:200]}" if first else type(error).__name__
