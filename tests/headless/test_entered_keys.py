"""Keys that a person entered: where they are kept, which one is used, and that they come out nowhere."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ralph.assembly.run_settings import Flags
from ralph.assembly.workspace import workspace
from ralph.core.clock import random_id
from ralph.core.errors import Failure, Kind, NotFound
from tests.frozen import FrozenClock
from tests.headless.ask import Home
from tests.wires.script import Reply
from tests.wires.server import Recorded, Server

RING = """
import json, pathlib
from keyring.backend import KeyringBackend

FILE = pathlib.Path({path!r})

class Ring(KeyringBackend):
    priority = 5

    def _all(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {{}}

    def get_password(self, service, user):
        return self._all().get(f"{{service}} {{user}}")

    def set_password(self, service, user, key):
        FILE.write_text(json.dumps({{**self._all(), f"{{service}} {{user}}": key}}))

    def delete_password(self, service, user):
        FILE.write_text(json.dumps({{k: v for k, v in self._all().items() if k != f"{{service}} {{user}}"}}))
"""


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keyring of the system, in a file."""
    import keyring

    path = tmp_path / "ring.json"
    (tmp_path / "ring_of_tests.py").write_text(RING.format(path=str(path)))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "ring_of_tests", raising=False)
    import ring_of_tests  # type: ignore[import-not-found]

    monkeypatch.setattr(keyring, "get_keyring", ring_of_tests.Ring)
    return path


@pytest.fixture(autouse=True)
def no_ring(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "ring" not in request.fixturenames:
        import keyring
        from keyring.backends.fail import Keyring

        monkeypatch.setattr(keyring, "get_keyring", Keyring)


def home_with(path: Path, entry: str, **environ: str) -> Home:
    home = Home(path, f"providers: {{anthropic: {{{entry}}}}}\n", environ)
    home.flags = Flags(model="anthropic:model-1", route="rules")
    home.ids = random_id
    return home


async def keep(home: Home, key: str, provider: str = "anthropic") -> str:
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        return await space.keys.keep(provider, key)


async def keys(home: Home) -> list[tuple[str, str, str | None]]:
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        return [(row.provider, row.source, row.masked) for row in await space.keys.rows()]


async def sent(home: Home, server: Server) -> str:
    """The key that the next request carries."""
    server.will(Reply(text="yes"))
    before = len(server.asked)
    result = await home.ask("tell me something")
    assert result.code == 0, result.err
    return key_of(server.asked[before])


def key_of(request: Recorded) -> str:
    return request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")


async def test_a_key_is_kept_for_its_owner_only_and_used(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_with(tmp_path, f'base_url: "{server.url}"')
        place = await keep(home, ' export ANTHROPIC_API_KEY="sk-ant-entered-0001"\n')
        assert place == str(tmp_path / "keys.yaml")
        assert stat.S_IMODE((tmp_path / "keys.yaml").stat().st_mode) == 0o600
        assert await keys(home) == [("anthropic", "keys.yaml", "***0001")]
        assert await sent(home, server) == "sk-ant-entered-0001"


async def test_the_order_of_keys(tmp_path: Path, ring: Path) -> None:
    """Configuration, environment, api_key_command, keyring, keys.yaml."""
    async with Server() as server:
        at = f'base_url: "{server.url}"'
        home = home_with(tmp_path, at)
        (tmp_path / "keys.yaml").write_text("anthropic: sk-ant-from-the-file\n")
        assert await sent(home, server) == "sk-ant-from-the-file"
        assert await keep(home, "sk-ant-from-the-ring") == "the keyring of your system"
        assert "sk-ant" not in (tmp_path / "keys.yaml").read_text()
        assert "sk-ant-from-the-ring" in ring.read_text()  # noqa: ASYNC240
        assert await sent(home, server) == "sk-ant-from-the-ring"
        at += f", api_key_command: {json.dumps([sys.executable, '-c', 'print(chr(115) + str(1234567890123))'])}"
        home = home_with(tmp_path, at)
        assert await sent(home, server) == "s1234567890123"
        variable = {"ANTHROPIC_API_KEY": "sk-ant-environment"}
        home = home_with(tmp_path, at, **variable)
        assert await sent(home, server) == "sk-ant-environment"
        home = home_with(tmp_path, f"{at}, api_key: sk-ant-configuration", **variable)
        assert await sent(home, server) == "sk-ant-configuration"
        assert await keys(home) == [
            ("anthropic", "configuration", "***tion"),
            ("anthropic", "environment", "***ment"),
            ("anthropic", "api_key_command", None),
            ("anthropic", "keyring", "***ring"),
        ]


async def test_a_key_that_is_entered_is_used_without_a_restart_and_forgotten(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        session = await space.timelines.open()
        assert session.roles["format"] == "builtin:rules"
        await space.keys.keep("anthropic", "sk-ant-entered-0001")
        assert session.roles["format"].startswith("anthropic:")
        assert next(row for row in space.models.providers() if row.name == "anthropic").configured
        await space.keys.remove("anthropic")
        assert session.roles["format"] == "builtin:rules"
        with pytest.raises(NotFound, match="no key was entered for 'anthropic'"):
            await space.keys.remove("anthropic")


async def test_another_key_opens_the_provider_again(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_with(tmp_path, f'base_url: "{server.url}"')
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            for key in ("sk-ant-entered-0001", "sk-ant-entered-0002"):
                await space.keys.keep("anthropic", key)
                await space.models.list_models("anthropic")
                assert key_of(server.requests[-1]) == key


async def test_a_key_is_checked_by_a_list_and_not_kept(tmp_path: Path) -> None:
    async with Server() as server:
        home = home_with(tmp_path, f'base_url: "{server.url}"')
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            assert await space.keys.check("anthropic", "sk-ant-tried-00001") == 1
            assert key_of(server.requests[-1]) == "sk-ant-tried-00001"
            assert server.asked == []
            with pytest.raises(Failure) as no_key:
                await space.keys.check("anthropic", " \n")
            with pytest.raises(NotFound, match="did you mean anthropic"):
                await space.keys.check("antropic", "sk-ant-tried-00001")
        assert no_key.value.kind is Kind.USAGE
        assert await keys(home) == []
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        with pytest.raises(Failure) as gone:
            await space.keys.check("anthropic", "sk-ant-tried-00001")
    assert gone.value.kind is Kind.NETWORK


async def test_with_no_save_a_key_is_for_one_run(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with workspace(replace(home.flags, save=False), environ=home.environ, root=home.root) as space:
        assert await space.keys.keep("anthropic", "sk-ant-entered-0001") == ""
        assert next(row for row in space.models.providers() if row.name == "anthropic").configured
    assert not (tmp_path / "keys.yaml").exists()


@pytest.mark.parametrize("text", ["{", "- a", "a: b: c", "\x00"])
async def test_a_broken_file_of_keys_is_set_aside(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    (tmp_path / "keys.yaml").write_text(text)
    async with workspace(home.flags, environ=home.environ, root=home.root) as space:
        space.models.providers()
        assert "keys.yaml.broken" in " ".join(space.notices)
        await space.keys.keep("groq", "gsk_entered_000000001")
    assert (tmp_path / "keys.yaml.broken").read_text() == text
    assert await keys(home) == [("groq", "keys.yaml", "***0001")]


async def test_two_windows_keep_each_others_keys(tmp_path: Path) -> None:
    home = Home(tmp_path)
    async with workspace(home.flags, environ=home.environ, root=home.root) as one:
        one.models.providers()
        async with workspace(home.flags, environ=home.environ, root=home.root) as two:
            await two.keys.keep("groq", "gsk_entered_000000001")
            await one.keys.keep("anthropic", "sk-ant-entered-0001")
    assert [row[0] for row in await keys(home)] == ["anthropic", "groq"]


async def test_a_program_is_asked_again_when_its_key_is_old(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text="yes", times=None))
        script = "import pathlib; p = pathlib.Path('n'); n = len(p.read_text()) if p.exists() else 0; "
        script += "p.write_text('x' * (n + 1)); print(f'sk-ant-printed-{n}')"
        counted = json.dumps([sys.executable, "-c", script.replace("'n'", repr(str(tmp_path / "n")))])
        home = home_with(tmp_path, f'base_url: "{server.url}", api_key_command: {counted}, api_key_ttl_s: 60')
        clock = FrozenClock()
        async with workspace(home.flags, environ=home.environ, root=home.root, clock=clock) as space:
            for later, key in ((0, "sk-ant-printed-0"), (59, "sk-ant-printed-0"), (2, "sk-ant-printed-1")):
                clock.advance(later)
                await space.models.list_models("anthropic")
                assert key_of(server.requests[-1]) == key
