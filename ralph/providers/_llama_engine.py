"""llama.cpp in this process: one model is loaded at a time, and one thread at a time works with it."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ralph.core import background
from ralph.core.errors import ConfigFailure, Kind, ProviderFailure
from ralph.core.libraries import load_libraries
from ralph.core.log.codec import dumps
from ralph.providers._failures import Peer, build_refusal
from ralph.providers._stream import Reply

Json = Mapping[str, Any]
NO_EXTRA = "a model in this process needs the extra `local`: pip install 'ralph[local]'"


class LlamaEngine:
    """Answers requests of Chat Completions one after the other. A new model replaces the loaded one."""

    def __init__(self, who: Peer, options: Mapping[str, Any]) -> None:
        self.who = who
        self._options = options
        self._slot = threading.Lock()
        self._loaded: Path | None = None
        self._server: Any = None
        self._stops: set[threading.Event] = set()

    def has_loaded(self, path: Path) -> bool:
        return self._loaded == path

    async def client(self) -> Any:
        """Import the library (0.2 s). Raises `Failure` without the extra `local`."""
        return await background.in_thread(_import, "llama.cpp")

    @asynccontextmanager
    async def post(self, path: Path, body: Json) -> AsyncIterator[Reply]:
        """Load the model if it is not loaded, and start an answer. Raises `ProviderFailure` if it is refused.

        On the way out the answer stops after the running token or batch; the next request waits until then.
        """
        events: asyncio.Queue[bytes] = asyncio.Queue()
        loop, stop = asyncio.get_running_loop(), threading.Event()

        def put(data: bytes) -> bool:
            """Hand on one event from the thread. Return whether the engine must stop."""
            if stop.is_set():
                return True
            try:
                loop.call_soon_threadsafe(events.put_nowait, data)
            except RuntimeError:  # the loop has ended
                return True
            return False

        self._stops.add(stop)
        work = partial(self._answer, path, body, put, stop.is_set)
        done = background.in_thread(work, "an answer of llama.cpp", lambda _: events.put_nowait(b""))
        try:
            first = await events.get()
            if not first:
                await done  # raises what went wrong before the first event
            if refused := _read_refusal(first):
                raise build_refusal(self.who, *refused, first, model=str(body.get("model", "")))
            async with aclosing(_list_events(first, events, done)) as chunks:
                yield Reply({}, chunks)
        finally:
            stop.set()
            self._stops.discard(stop)

    async def aclose(self) -> None:
        for stop in self._stops:
            stop.set()
        await background.in_thread(self._close, "llama.cpp")

    def _close(self) -> None:
        with self._slot:
            self._unload()

    def _answer(self, path: Path, body: Json, put: Callable[[bytes], bool], stopped: Callable[[], bool]) -> None:
        def take(event: dict[str, Any]) -> bool:
            if "prompt_progress" in event:
                return stopped()
            if "model" in event:
                event["model"] = body["model"]  # the engine's own name is the path
            return put(dumps(event).encode() + b"\n")

        with self._slot:
            if stopped():
                return  # it was given up while it waited
            self._load(path)
            # border: the binding raises plain errors
            try:
                self._server.handle_chat_completions({**body, "return_progress": True}, take)
            except Exception as error:
                raise ProviderFailure(Kind.SERVER, self.who.say(f"failed: {error}")) from error

    def _load(self, path: Path) -> None:
        if self._loaded == path:
            return
        library = _import()
        parameters = _build_parameters(library, path, self._options)
        self._unload()
        try:
            self._server = library.Server(parameters)
        except Exception as error:  # border: the binding raises plain errors
            why = "is it a whole GGUF file, and is there memory for it?"
            raise ProviderFailure(Kind.CONFIG, self.who.say(f"could not load {path}; {why}"), rejected=True) from error
        self._loaded = path

    def _unload(self) -> None:
        self._loaded = self._server = None


def _import() -> Any:
    """Return the library. Raises `ConfigFailure`, which names the extra."""
    try:
        return load_libraries("xllamacpp")
    except ImportError as error:
        raise ConfigFailure(NO_EXTRA) from error


def _build_parameters(library: Any, path: Path, options: Mapping[str, Any]) -> Any:
    made = library.CommonParams()
    made.model.path = str(path)
    made.n_ctx = options["num_ctx"]
    made.n_parallel = 1
    made.n_batch = made.n_ubatch = options["batch"]
    made.verbosity = -1  # a line of the engine's log would stand in the middle of the screen
    made.ui = made.warmup = False
    made.api_keys = [secrets.token_hex(32)]  # the engine also listens on a port of this machine, for nobody
    threads = options["threads"] or max(1, (os.cpu_count() or 2) // 2)
    made.cpuparams.n_threads = made.cpuparams_batch.n_threads = threads
    made.n_gpu_layers = options["gpu_layers"]
    return made


def _read_refusal(event: bytes) -> tuple[int, dict[str, str]] | None:
    """Return the status of an event that is only an error."""
    error = json.loads(event).get("error")
    return (int(error.get("code") or 400), {}) if isinstance(error, dict) else None


async def _list_events(first: bytes, events: asyncio.Queue[bytes], done: Awaitable[Any]) -> AsyncGenerator[bytes, None]:
    """Yield the events as they come, all that wait at once; raise what ended them."""
    data = first
    while data:
        ended = False
        while not events.empty():
            more = events.get_nowait()
            ended = ended or not more
            data += more
        yield data
        data = b"" if ended else await events.get()
    await done
