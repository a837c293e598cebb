"""The login to a server by OAuth, by the SDK's provider. Imports the SDK; import it in a thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
)
from pydantic import AnyUrl

from ralph.tools.mcp.token_file import TokenFile

_PAGE = "<!doctype html><title>ralph</title><p>The login is done. You can close this window."
# Seconds before their end at which tokens are renewed.
_MARGIN_S = 30.0
_LINE_BYTES = 16_384


class ServerTokens:
    """The storage of the SDK's provider for one address. The client belongs to its issuer, not to the address."""

    def __init__(self, file: TokenFile, url: str) -> None:
        self._file = file
        self._url = url
        self.provider: OAuthClientProvider | None = None

    def restore(self) -> None:
        """Give the provider what it does not ask for: the issuer's metadata, and the end of the tokens."""
        row = self._row()
        if self.provider and row.get("metadata"):
            self.provider.context.oauth_metadata = OAuthMetadata.model_validate(row["metadata"])
            self.provider.context.auth_server_url = row["issuer"]
        if self.provider and row.get("ends_at"):
            self.provider.context.token_expiry_time = row["ends_at"] - _MARGIN_S

    def client(self) -> OAuthClientInformationFull | None:
        """Return the client of the issuer that this address was last used with."""
        made = self._file.read()["clients"].get(self._row().get("issuer", ""))
        return OAuthClientInformationFull.model_validate(made) if made else None

    async def get_tokens(self) -> OAuthToken | None:
        tokens = self._row().get("tokens")
        return OAuthToken.model_validate(tokens) if tokens else None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Write the tokens before they are used: a rotated token that is lost means another login."""
        metadata = self.provider.context.oauth_metadata if self.provider else None
        new: dict[str, Any] = {
            "tokens": tokens.model_dump(mode="json", exclude_none=True),
            "ends_at": time.time() + tokens.expires_in if tokens.expires_in else None,
        }
        if metadata:
            new["metadata"] = metadata.model_dump(mode="json", exclude_none=True)
        self._file.change(lambda data: data["servers"].setdefault(self._url, {}).update(new))

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client()

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        parts = urlsplit(self._url)
        issuer = client_info.issuer or f"{parts.scheme}://{parts.netloc}"

        def work(data: dict[str, Any]) -> None:
            data["clients"][issuer] = client_info.model_dump(mode="json", exclude_none=True)
            data["servers"].setdefault(self._url, {})["issuer"] = issuer

        self._file.change(work)

    def _row(self) -> dict[str, Any]:
        made: dict[str, Any] = self._file.read()["servers"].get(self._url, {})
        return made


class Visit:
    """A person's visit to the page of a login: shows its address, and waits on loopback for the way back."""

    def __init__(self, show: Callable[[str], None], port: int = 0) -> None:
        """`port` is the one of an earlier login, whose client knows no other address; 0 takes a free one."""
        self._show = show
        self._port = port
        self._came: asyncio.Future[AuthorizationCodeResult] | None = None
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Listen; return the address of the way back. Raises `OSError`."""
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self._port, limit=_LINE_BYTES)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/callback"

    async def aclose(self) -> None:
        if self._server:
            self._server.close()

    async def show(self, url: str) -> None:
        """Show the address of a login, and expect its way back: a server may want several logins."""
        self._came = asyncio.get_running_loop().create_future()
        self._show(url)

    async def wait(self) -> AuthorizationCodeResult:
        if self._came is None:
            raise OAuthFlowError("ralph does not listen for the way back yet")
        return await self._came

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await reader.readline()).decode("latin-1")
            target = urlsplit(line.split(" ")[1] if line.count(" ") == 2 else "")
            given = {name: values[0] for name, values in parse_qs(target.query).items()}
            found = target.path == "/callback" and ("code" in given or "error" in given)
            body = _PAGE if found else "not found"
            head = (
                f"HTTP/1.1 {'200 OK' if found else '404 Not Found'}\r\nContent-Type: text/html\r\nConnection: close\r\n"
            )
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            await writer.drain()
        finally:
            writer.close()
        if found and self._came and not self._came.done():
            if "code" in given:
                self._came.set_result(AuthorizationCodeResult.model_validate(given))
            else:
                self._came.set_exception(OAuthFlowError(f"the login was refused: {given['error']}"))


async def _refuse(_: str) -> None:
    raise OAuthFlowError("it wants a login")


async def _never() -> AuthorizationCodeResult:
    raise OAuthFlowError("it wants a login")


def use_login(file: TokenFile, url: str) -> OAuthClientProvider:
    """Return what sends the stored tokens of this address, and renews them. It asks nobody."""
    return _provide(ServerTokens(file, url), url, "http://127.0.0.1/callback", _refuse, _never)


def log_in(file: TokenFile, url: str, visit: Visit, way_back: str) -> OAuthClientProvider:
    """Return what logs in by a person's visit."""
    return _provide(ServerTokens(file, url), url, way_back, visit.show, visit.wait)


def find_port(file: TokenFile, url: str) -> int:
    """Return the port in the way back of the registered client; 0 if there is none."""
    client = ServerTokens(file, url).client()
    uris = client.redirect_uris if client else None
    return (uris[0].port or 0) if uris else 0


def _provide(storage: ServerTokens, url: str, way_back: str, show: Any, wait: Any) -> OAuthClientProvider:
    metadata = OAuthClientMetadata(client_name="ralph", redirect_uris=[AnyUrl(way_back)], application_type="native")
    storage.provider = OAuthClientProvider(url, metadata, storage, redirect_handler=show, callback_handler=wait)
    storage.restore()
    return storage.provider
