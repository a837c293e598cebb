"""The published schemas are those of the code, and real output keeps to them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ralph.assembly.workspace import workspace
from ralph.headless import doctor, providers, saved, usage
from tests.headless.ask import WIRES, home_on
from tests.schema.generate import FOLDER, schemas, text_of
from tests.wires.script import Reply
from tests.wires.server import Server


@pytest.mark.parametrize("name", schemas())
def test_the_published_schema_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text_of(schemas()[name]), "python -m tests.schema.generate"


def check(name: str, value: Any) -> None:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("fault", [None, "cut_clean", "html"])
async def test_a_run_prints_what_the_schemas_say(tmp_path: Path, wire: str, fault: str | None) -> None:
    async with Server() as server:
        server.will(Reply(text=("The ", "answer."), thinking=("Hm.",), usage={"input": 9, "output": 3}, fault=fault))
        server.will(Reply(text=("More.",), usage={"input": 9, "output": 3}, fault=fault))
        home = home_on(tmp_path, wire, server.url)
        check("turn", (await home.ask("tell me something")).json)
        for line in (await home.ask("and more", "jsonl")).lines:
            check("envelope", line)


async def test_the_lists_keep_to_their_schemas(tmp_path: Path) -> None:
    async with Server() as server:
        server.will(Reply(text=("ok",), usage={"input": 9, "output": 3}))
        home = home_on(tmp_path, "ollama", server.url)
        await home.ask("tell me something")
        async with workspace(home.flags, environ=home.environ) as space:
            out = io.StringIO()
            await saved.timelines(space.store, out, out, as_json=True)
            await saved.show(space.store, "last", out, as_json=True)
            await providers.providers(space, out, as_json=True)
            await providers.models(space, "ollama", out, io.StringIO(), as_json=True)
            await usage.usage(space.store, out, by="model", as_json=True)
            await doctor.doctor(space.store, space, out, live=True, rebuild=True, as_json=True)
    printed = [json.loads(line) for line in out.getvalue().splitlines()]
    for name, value in zip(("timelines", "show", "providers", "models", "usage", "doctor"), printed, strict=True):
        assert value
        check(name, value)


async def test_a_run_that_cannot_begin_prints_the_same_object(tmp_path: Path) -> None:
    home = home_on(tmp_path, "ollama", "http://127.0.0.1:9")
    check("turn", (await home.ask("hi", model="nosuch")).json)
    check("turn", (await home.ask("hi", timeline="nosuch")).json)
