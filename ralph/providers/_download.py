"""Downloads one file: resumed where an interrupted download ended, and in its place only with the right checksum."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ralph.config.private import lock_descriptor, make_folder, open_file
from ralph.core import background
from ralph.core.data import Data, frozen
from ralph.core.errors import Failure, Kind
from ralph.core.libraries import load_libraries
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._endpoint import endpoint

if TYPE_CHECKING:
    import httpx

REDIRECTS = 5
_BLOCK = 1 << 20


@frozen
class RemoteFile(Data):
    """A file of a source. `sha256` is required: a file without a checksum is not taken. `size` is in bytes."""

    url: str
    sha256: str
    size: int | None = None


class Downloads:
    """The HTTP client of downloads, opened for each one. It obeys the proxies and certificates of the environment."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings

    async def ask(self, url: str, accept: str = "application/json") -> Any:
        """Return the JSON at this address. Raises `Failure`."""
        import httpx

        async with AsyncExitStack() as stack:
            response = await self._open(stack, url, {"accept": accept})
            try:
                return json.loads(await response.aread())
            except ValueError:
                raise Failure(Kind.PROTOCOL, f"{_host(url)} answered with something that is not JSON") from None
            except httpx.HTTPError as error:
                raise _build_loss(url, error) from None

    async def fetch(self, file: RemoteFile, part: Path) -> AsyncGenerator[int, None]:
        """Write the file to `part`, from where it ends; yield the bytes that are there. Raises `Failure`.

        `part` stays after a lost connection or a cancel. It is removed if the checksum is wrong or the disk is full.
        """
        try:
            make_folder(part.parent)
            with os.fdopen(open_file(part, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab") as out:
                _lock(out, part)
                try:
                    async with aclosing(self._append(file, out)) as sizes:
                        async for size in sizes:
                            yield size
                finally:
                    if not out.tell():
                        _remove(part)  # nothing came
        except OSError as error:
            _remove(part)
            raise build_disk_failure(part, error) from None
        found = await background.in_thread(lambda: hash_file(part), "a checksum")
        if found != file.sha256:
            _remove(part)
            words = f"what {_host(file.url)} sent has the checksum {found[:12]}… and not {file.sha256[:12]}…"
            raise Failure(Kind.PROTOCOL, f"{words}; nothing of it was kept")

    async def _append(self, file: RemoteFile, out: BinaryIO) -> AsyncGenerator[int, None]:
        import httpx

        done = out.tell()
        if file.size is not None and done >= file.size:
            return  # whole, or wrong, as the checksum will say
        async with AsyncExitStack() as stack:
            headers = {"range": f"bytes={done}-"} if done else {}
            response = await self._open(stack, file.url, {**headers, "accept-encoding": "identity"})
            if done and response.status_code != 206:  # the source cannot resume
                out.truncate(0)
                done = 0
            try:
                async for data in response.aiter_bytes(_BLOCK):
                    out.write(data)
                    out.flush()
                    done += len(data)
                    yield done
            except httpx.HTTPError as error:
                raise _build_loss(file.url, error) from None

    async def _open(self, stack: AsyncExitStack, url: str, headers: Mapping[str, str]) -> httpx.Response:
        """Return the response, after redirects, to be read before the stack closes."""
        http: Any = await background.in_thread(lambda: load_libraries("httpx"), "httpx")
        for _ in range(REDIRECTS):
            where = endpoint(_at(self._settings, url), url)
            options = await background.in_thread(partial(where.client_options, http), "certificates")
            client = await stack.enter_async_context(http.AsyncClient(**options))
            try:
                response: httpx.Response = await stack.enter_async_context(client.stream("GET", url, headers=headers))
            except http.HTTPError as error:
                raise Failure(
                    Kind.NETWORK, f"{_host(url)} cannot be reached: {error or 'no answer'}; is there a network?"
                ) from None
            if not response.is_redirect:
                break
            url = str(response.url.join(response.headers["location"]))
        if response.status_code not in (200, 206):
            kind = Kind.NOT_FOUND if response.status_code in (404, 410) else Kind.SERVER
            raise Failure(kind, f"{_host(url)} answered {response.status_code} for {url.rpartition('/')[2] or url}")
        return response


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file. Reads all of it: call it in a thread."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def part_of(target: Path) -> Path:
    """Return where the beginning of an interrupted download is."""
    return target.with_name(f".{target.name}.part")


def build_disk_failure(path: Path, error: OSError) -> Failure:
    """Return the failure of a file that could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Failure(Kind.IO, f"the disk is full; nothing was kept in {path.parent}")
    return Failure(Kind.IO, f"{path.parent} cannot be written: {os.strerror(error.errno or 0)}; nothing was kept")


def _remove(part: Path) -> None:
    part.unlink(missing_ok=True)


def _lock(out: BinaryIO, part: Path) -> None:
    """Hold the file until it is closed. Raises `Failure` if another process downloads to it."""
    try:
        lock_descriptor(out.fileno(), wait=False)
    except OSError:
        raise Failure(Kind.BUSY, f"another process downloads {part.name.strip('.')} now; wait for it") from None


def _build_loss(url: str, error: Exception) -> Failure:
    words = str(error) or "closed"
    return Failure(
        Kind.NETWORK, f"the connection to {_host(url)} was lost: {words}; the same command goes on from there"
    )


def _at(settings: ProviderSettings, url: str) -> ProviderSettings:
    return ProviderSettings(
        name=settings.name, kind=settings.kind, base_url=url, environ=settings.environ, idle_s=settings.idle_s
    )


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]
