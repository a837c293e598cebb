"""Clients are imported once, whole, and made once, whoever asks and however many at the same time."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from ralph.assembly.workspace import workspace
from ralph.core.libraries import is_loaded, load_libraries
from ralph.core.llm.refs import ModelRef
from ralph.providers._failures import Peer
from ralph.providers._late_client import LateClient
from tests.headless.ask import Home

SLOW = "import time\nbegun = True\ntime.sleep(0.05)\nwhole = True\n"
LOOKS = "import sys\nmodule = sys.modules.get('slow_one')\nhalf = module is not None and not hasattr(module, 'whole')\n"


@pytest.fixture
def two_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes a while to import, and one that looks whether the other is there, as openai does."""
    (tmp_path / "slow_one.py").write_text(SLOW)
    (tmp_path / "looking_one.py").write_text(LOOKS)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("slow_one", "looking_one"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_no_thread_sees_half_a_library(two_libraries: None) -> None:
    slow = threading.Thread(target=load_libraries, args=("slow_one",))
    slow.start()
    while "slow_one" not in sys.modules:
        pass
    assert load_libraries("looking_one").half is False
    slow.join()


def test_half_a_library_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = "from ralph.core.libraries import is_loaded\nduring = is_loaded('asking_one')\n"
    (tmp_path / "asking_one.py").write_text(asks)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "asking_one", raising=False)
    assert not is_loaded("asking_one")
    assert load_libraries("asking_one").during is False
    assert is_loaded("asking_one")


async def test_a_client_is_made_once_for_all_who_ask(two_libraries: None) -> None:
    made: list[object] = []

    def make(library: object) -> object:
        made.append(library)
        return object()

    client = LateClient(Peer("mine", "127.0.0.1"), ("slow_one",), make)
    first, second = await asyncio.gather(client.get(), client.get())
    assert first is second
    assert len(made) == 1


async def test_a_client_that_is_being_made_is_closed_too(two_libraries: None) -> None:
    """Else its connections would outlive the provider."""
    client = LateClient(Peer("mine", "127.0.0.1"), ("slow_one",), lambda library: library)
    opening = asyncio.create_task(client.get())
    await asyncio.sleep(0)
    taken = await client.take()
    assert taken is await opening
    assert await client.take() is None


async def test_two_who_ask_at_once_get_one_provider(tmp_path: Path) -> None:
    """The second one would never be closed. The key comes from a program, which takes a while."""
    config = "providers: {openai: {api_key_command: [sh, -c, 'sleep 0.1; echo sk-from-a-program']}}"
    home = Home(tmp_path, config)
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        one, two = await asyncio.gather(*(space.offer.get(ModelRef("openai", "m")) for _ in range(2)))
    assert one is two
