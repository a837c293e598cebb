"""Small questions to servers that answer anything at all: a sentence of a kind, on every wire, never a traceback."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from ralph.assembly.workspace import LocalWorkspace, workspace
from ralph.core.errors import Failure, Kind
from ralph.headless.doctor import doctor
from ralph.headless.providers import models
from tests.headless.ask import BY_SDK, WIRES, Home, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

LISTS = {"path": "/models"}
PAGE = "<!doctype html><html><body>Sign in</body></html>"
DEEP = "[" * 100_000
# What stands where the list should: the status, the body, the kind; None lists nothing, without a word.
ANSWERS: dict[str, tuple[int, str, Kind | None]] = {
    "a page": (200, PAGE, Kind.PROTOCOL),
    "nothing": (200, "", Kind.PROTOCOL),
    "words": (200, "OK", Kind.PROTOCOL),
    "a word of JSON": (200, '"ok"', Kind.PROTOCOL),
    "a number": (200, "7", Kind.PROTOCOL),
    "null": (200, "null", Kind.PROTOCOL),
    "another object": (200, '{"status": "ok"}', Kind.PROTOCOL),
    "rows that are no list": (200, '{"data": {"id": 1}, "models": "no"}', Kind.PROTOCOL),
    "rows that are none": (200, '{"data": [1, null, "x"], "models": [1, null, "x"]}', Kind.PROTOCOL),
    "rows without names": (200, '{"data": [{"id": 5}], "models": [{"name": null}]}', Kind.PROTOCOL),
    "an empty list": (200, '{"data": [], "models": []}', None),
    "no list at all": (200, '{"data": null, "models": null}', None),
    "deep": (200, DEEP, Kind.PROTOCOL),
    "half": (200, '{"data": [{"id": "m', Kind.PROTOCOL),
    "404": (404, PAGE, Kind.BAD_REQUEST),
    "500": (500, "", Kind.SERVER),
    "401": (401, '{"error": "no"}', Kind.AUTH),
    "302": (302, "", Kind.CONFIG),
}
NAMES = {"anthropic": "anthropic", "responses": "openai", "chat": "openai", "compatible": "mine", "ollama": "ollama"}
NAMES |= {wire: NAMES[wire.removesuffix("_sdk")] for wire in BY_SDK}


async def told(space: LocalWorkspace, wire: str) -> Failure | None:
    try:
        assert await models(space, NAMES[wire], io.StringIO(), io.StringIO()) == 0
        assert await space.models.list_rows(NAMES[wire]) == ()
    except Failure as failure:
        return failure
    return None


@pytest.mark.parametrize("wire", WIRES | BY_SDK)
async def test_a_list_that_is_none(tmp_path: Path, wire: str) -> None:
    home = home_on(tmp_path, wire, "http://127.0.0.1:9")
    where = "/api/tags" if wire == "ollama" else "/v1/models"
    async with Server() as server:
        home = home_on(tmp_path, wire, server.url)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            for name, (status, body, kind) in ANSWERS.items():
                server.script.clear()
                server.will(Reply(status=status, body=body, times=None, when={"path": where}))
                failure = await told(space, wire)
                assert (failure.kind if failure else None) is kind, name
                assert failure is None or (NAMES[wire] in failure.message and "\n" not in failure.message), name
                out = io.StringIO()
                code = await doctor(space.store, space, out, live=True, rebuild=False, as_json=True)
                checks = {c["name"]: c for c in json.loads(out.getvalue())["checks"]}
                assert checks[f"provider {NAMES[wire]}"]["ok"] is (kind is None), name
                assert code == (0 if kind is None else 1)


@pytest.mark.parametrize("wire", WIRES | BY_SDK)
async def test_fields_of_other_types(tmp_path: Path, wire: str) -> None:
    """What of a row is no count and no word is not known; its model is listed all the same."""
    row = {"id": "m", "name": "m", "max_input_tokens": "many", "max_tokens": True, "context_window": [1], "meta": [2],
           "capabilities": ["x"], "retires_at": 7, "shutdown_date": {}, "max_completion_tokens": -3}  # fmt: skip
    path = "/api/tags" if wire == "ollama" else "/v1/models"
    async with Server() as server:
        server.will(Reply(body=json.dumps({"data": [row], "models": [row]}), when={"path": path}, times=None))
        server.will(Reply(body='{"model_info": [], "capabilities": "all"}', when={"path": "/api/show"}, times=None))
        home = home_on(tmp_path, wire, server.url)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            (listed,) = await space.models.list_models(NAMES[wire])
            out = io.StringIO()
            assert await models(space, NAMES[wire], out, io.StringIO()) == 0
    assert (listed.name, listed.retires, listed.max_output) == ("m", None, None)
    assert out.getvalue().startswith(f"{NAMES[wire]}:m")


@pytest.mark.parametrize("wire", WIRES | BY_SDK)
async def test_a_list_that_does_not_come(tmp_path: Path, wire: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("_http", "_sdk"):
        monkeypatch.setattr(f"ralph.providers.{module}.ASK_S", 0.2)
    async with Server() as server:
        path = "/api/tags" if wire == "ollama" else "/v1/models"
        server.will(Reply(fault="stall_headers", when={"path": path}))
        home = home_on(tmp_path, wire, server.url)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            with pytest.raises(Failure) as caught:
                await space.models.list_models(NAMES[wire])
    assert caught.value.kind is Kind.TIMEOUT
    assert "within 0.2 s" in caught.value.message


async def test_one_that_is_down_hides_no_other(tmp_path: Path) -> None:
    async with Server() as server:
        config = f"""providers:
  gone: {{kind: openai_compatible, base_url: "http://127.0.0.1:1/v1"}}
  here: {{kind: openai_compatible, base_url: "{server.url}/v1"}}
"""
        home = Home(tmp_path, config)
        async with workspace(home.flags, environ=home.environ, root=home.root) as space:
            out, err = io.StringIO(), io.StringIO()
            assert await models(space, None, out, err) == 4
    assert out.getvalue() == "here:model-1\nbuiltin:rules\n"
    assert err.getvalue().startswith("ralph: gone (127.0.0.1:1) cannot be reached")
