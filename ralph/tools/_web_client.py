"""Fetches one page: each host is decided about, each address is checked, and the checked address is connected to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from ralph import __version__
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure
from ralph.core.llm.tool import ToolCall, ToolFailure
from ralph.core.sanitise import one_line
from ralph.tools._web_address import WebAddress, is_public, names_host, read_web_address, resolve
from ralph.tools._web_body import ENCODINGS, Body, read_body

if TYPE_CHECKING:
    import httpx

MAX_S = 30.0
MAX_REDIRECTS = 10
_CONNECT_S = 10.0
_ACCEPT = (
    "text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, text/plain;q=0.8, application/pdf;q=0.7, */*;q=0.5"
)


@frozen
class Page(Data):
    """An answer with its body. `address` is the last one, after all redirects."""

    address: WebAddress
    content_type: str
    body: Body


class FetchFailure(ToolFailure):
    """The page was not fetched. `answered`: a server had answered, so that the sentence may repeat its words."""

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


class Fetch:
    """One fetch. The time in which a person is asked about a redirect does not count."""

    def __init__(self, call: ToolCall) -> None:
        self._call = call
        self._left_s = MAX_S
        self._answered = False

    async def run(self, address: WebAddress) -> Page:
        """Return the page. Raises `FetchFailure`."""
        rule = self._call.rule
        for _ in range(MAX_REDIRECTS):
            found = await self._hop(address, rule)
            if isinstance(found, Page):
                return found
            if not address.is_beside(found):
                permit = await self._call.may_use(found.url)
                if not permit:
                    raise self._fail(f"{address.netloc} leads on to {found.url}, which was not allowed")
                rule = permit.rule
            address = found
        raise self._fail(f"{address.url} was not fetched: more than {MAX_REDIRECTS} redirects")

    async def _hop(self, address: WebAddress, rule: str) -> Page | WebAddress:
        """Return the page, or where it leads on to."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._left_s):
                return await self._ask(address, rule)
        except TimeoutError:
            raise self._fail(f"{address.url} did not answer completely within {MAX_S:g} s") from None
        except ToolFailure as failure:
            raise self._fail(str(failure)) from None
        except Failure as failure:
            raise self._fail(failure.message) from None
        finally:
            self._left_s = max(0.1, self._left_s - (loop.time() - began))

    async def _ask(self, address: WebAddress, rule: str) -> Page | WebAddress:
        import httpx  # late: no turn without this tool needs it

        options = await asyncio.to_thread(self._options, address)
        places = await self._find_places(address, rule, proxied="proxy" in options)
        async with AsyncExitStack() as stack:
            timeout = httpx.Timeout(MAX_S, connect=_CONNECT_S)
            client = await stack.enter_async_context(httpx.AsyncClient(timeout=timeout, **options))
            try:
                response = await _send(client, address, places)
                stack.push_async_callback(response.aclose)
                self._answered = True
                return await _read(response, address)
            except httpx.ConnectTimeout:
                raise ToolFailure(f"{address.netloc} cannot be reached: no connection in {_CONNECT_S:g} s") from None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                why = one_line(str(error))[:200] or type(error).__name__
                raise ToolFailure(f"{address.url} was not fetched: {why}") from None

    def _options(self, address: WebAddress) -> Mapping[str, Any]:
        find = self._call.around.http_options
        return {"trust_env": False, "follow_redirects": False} if find is None else find(address.url)

    async def _find_places(self, address: WebAddress, rule: str, *, proxied: bool) -> tuple[str, ...]:
        """Return the IP addresses to connect to; none if the proxy looks the name up. Raises `ToolFailure`."""
        try:
            found = await resolve(address)
        except (OSError, UnicodeError) as error:
            if proxied:
                return ()
            why = getattr(error, "strerror", None) or "it has no address"
            raise ToolFailure(f"{address.host} was not found: {why}") from None
        hidden = next((one for one in found if not is_public(one)), None)
        if hidden is not None and not names_host(rule, address):
            leads = "" if hidden == address.host else f" leads to {hidden}, which"
            raise ToolFailure(
                f"{address.host}{leads} is not a public address; a rule that names it allows it: "
                f"tools.allow: ['web_fetch({address.netloc})']"
            )
        return () if proxied else found

    def _fail(self, message: str) -> FetchFailure:
        return FetchFailure(message, answered=self._answered)


async def _send(client: httpx.AsyncClient, address: WebAddress, places: tuple[str, ...]) -> httpx.Response:
    """Send the request to the first place that takes a connection. The name is not looked up again."""
    import httpx

    headers = {
        "host": address.netloc,
        "user-agent": f"ralph/{__version__}",
        "accept": _ACCEPT,
        "accept-encoding": ENCODINGS,
    }
    urls = [address.at(place) for place in places] or [address.url]
    names = {"sni_hostname": address.host}
    for number, url in enumerate(urls, start=1):
        request = client.build_request("GET", url, headers=headers, extensions=names if places else {})
        try:
            return await client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if number == len(urls):
                raise
    raise ToolFailure(f"{address.host} has no address")


async def _read(response: httpx.Response, address: WebAddress) -> Page | WebAddress:
    status = response.status_code
    if response.has_redirect_location:
        return read_web_address(urljoin(address.url, response.headers["location"]))
    if not response.is_success:
        raise ToolFailure(f"{address.url} answered {status} {_phrase(status)}".rstrip())
    encoding = response.headers.get("content-encoding", "")
    body = await read_body(response.aiter_raw(), encoding)
    return Page(address, response.headers.get("content-type", ""), body)


def _phrase(status: int) -> str:
    """Return the standard's words for a status: the server's own may say anything."""
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
