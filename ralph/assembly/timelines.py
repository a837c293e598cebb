"""The saved timelines of this machine's store, and the sessions that are open on them."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from ralph import __version__
from ralph.core.clock import Clock, Ids
from ralph.core.errors import Failure, Kind, StoreFailure
from ralph.core.log.envelope import Envelope
from ralph.core.ports.store import Tail, TimelineStore
from ralph.core.timeline.rows import Glimpse, TimelineRow
from ralph.session.session import Session
from ralph.session.settings import Settings
from ralph.store.locks import Free

VERSIONS = {"ralph": __version__}


class LocalTimelines:
    """Opens sessions and keeps them; `settings` builds their settings. `save` is False with `--no-save`.

    `learn_names` fetches the lists of the models that the routing names, if they are needed.
    """

    def __init__(
        self,
        store: TimelineStore,
        clock: Clock,
        ids: Ids,
        settings: Callable[[str], Settings],
        learn_names: Callable[[], Awaitable[None]],
        *,
        save: bool,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._settings = settings
        self._learn_names = learn_names
        self._save = save
        self._sessions: list[Session] = []

    async def open(self, timeline: str | None = None, *, turns: int | None = None, read_only: bool = False) -> Session:
        """Open a new session (None), or one on a saved timeline by id, unique prefix or `last`."""
        name = self._ids() if timeline is None else await self._store.catalog.resolve(timeline)
        if self._save and self._store.read_only:
            raise StoreFailure(f"nothing can be saved: {self._store.read_only}; --no-save asks without saving")
        await self._learn_names()
        tail = Tail([], ())
        lock = Free() if read_only else self._store.lock(name)
        try:
            settings = self._settings(name)
            if timeline is not None:
                tail = await self._store.log.tail(name, turns or settings.context.loads)
            earlier = partial(self._store.log.earlier, tail) if tail.before else None
            append = self._store.log.append
            session = Session(name, settings, append, lock, tail.envelopes, earlier, tail.changes, read_only=read_only)
        except BaseException:
            lock.release()
            raise
        self._sessions = [*(s for s in self._sessions if not s.closed), session]
        return session

    async def resolve(self, timeline: str) -> str:
        return await self._store.catalog.resolve(timeline)

    async def rows(self, search: str = "") -> tuple[TimelineRow, ...]:
        return await self._store.catalog.timelines(search)

    async def read_events(self, timeline: str) -> Sequence[Envelope]:
        await self.flush()
        return await self.events(timeline)

    async def read_blob(self, sha256: str) -> bytes:
        await self.flush()
        return await self._store.log.blob(sha256)

    async def events(self, timeline: str) -> Sequence[Envelope]:
        """Return every stored event of a saved timeline. Raises `NotFound`."""
        return await self._store.log.events(await self._store.catalog.resolve(timeline))

    async def fork(self, timeline: str, turn: int | None = None, title: str = "") -> str:
        """Return the id of a new timeline that shares this one's turns 1 to `turn`."""
        if not self._save:
            raise Failure(Kind.USAGE, "with --no-save nothing is kept, so there is nothing to fork")
        from ralph.session.forking import opening

        await self.flush()
        parent = await self._store.catalog.resolve(timeline)
        past = await self._store.log.events(parent, deltas=False)
        first = opening(self._ids(), parent, past, turn, self._clock, VERSIONS, title)
        await self._store.log.append([first])
        return first.timeline

    async def preview(self, timeline: str, last: int = 6) -> tuple[Glimpse, ...]:
        return await self._store.catalog.preview(await self._store.catalog.resolve(timeline), last)

    async def forks(self, timeline: str) -> tuple[str, ...]:
        return tuple(await self._store.catalog.forks_of(timeline))

    async def rename(self, timeline: str, title: str) -> None:
        """Rename a timeline. Its open session records the event, because only the session may number events."""
        from ralph.session.forking import renaming

        name = await self._store.catalog.resolve(timeline)
        here = next((s for s in self._sessions if s.id == name and not s.closed), None)
        if here:
            here.update_timeline(title=title)
            await here.flush()
            return
        lock = self._store.lock(name)
        try:
            await self._store.log.append([renaming(name, await self._store.log.events(name), title, self._clock)])
        finally:
            lock.release()

    async def delete(self, timeline: str, *, with_forks: bool = False) -> tuple[str, ...]:
        name = await self._store.catalog.resolve(timeline)
        return tuple(await self._store.remove(name, with_forks=with_forks))

    @property
    def unreached(self) -> tuple[str, ...]:
        return self._store.unreached

    async def flush(self) -> None:
        """Wait for the records of open sessions: a turn that just ended may not be in the ledger yet."""
        for session in [s for s in self._sessions if not s.closed]:
            with contextlib.suppress(Failure):  # the session itself reports what could not be stored
                await session.flush()

    def reconsider(self) -> None:
        """Make every session resolve `auto` again, since other providers may be available."""
        for session in self._sessions:
            session.reconsider()

    async def aclose(self) -> None:
        """Close every session."""
        for session in self._sessions:
            await session.close()
