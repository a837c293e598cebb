"""What a status and its body mean, the same on every wire."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.headless.ask import WIRES, home_on
from tests.wires.script import Reply
from tests.wires.server import Server

# Tracing doubles the CPU that these tests take; others cover the same lines.
pytestmark = pytest.mark.no_cover

QUICK = "retry: {max_attempts: 1}"
PAGE = "<html><head><title>blocked</title></head></html>"
# Status and body, then kind, exit code and words of the sentence.
ANSWERS = [
    (
        404,
        '{"type":"error","error":{"type":"not_found_error","message":"model: model-1"}}',
        "unknown_model",
        3,
        "lists",
    ),
    (404, '{"error":"model \\"model-1\\" not found, try pulling it first"}', "unknown_model", 3, "lists"),
    (404, '{"error":{"message":"The model `model-1` does not exist","code":404}}', "unknown_model", 3, "lists"),
    (404, '{"error":{"type":"not_found_error","message":"model-1"}}', "unknown_model", 3, "lists"),
    (404, '{"error":{"message":"models/model-1 is not found for API version v1"}}', "unknown_model", 3, "lists"),
    (400, '{"error":{"message":"Model Not Exist"}}', "unknown_model", 3, "lists"),
    (400, '{"error":{"message":"x","code":"model_not_supported"}}', "unknown_model", 3, "lists"),
    (410, '{"error":{"message":"this model was retired"}}', "retired_model", 3, "choose another"),
    (404, '{"error":{"type":"not_found_error","message":"Not found"}}', "bad_request", 4, "base_url right?"),
    (404, '{"detail":"Not Found"}', "bad_request", 4, "base_url right?"),
    (404, '{"error":{"message":"Invalid URL (POST /v1/x)"}}', "bad_request", 4, "base_url right?"),
    (404, "404 page not found", "bad_request", 4, "base_url right?"),
    (404, PAGE, "bad_request", 4, "base_url right?"),
    (404, "", "bad_request", 4, "base_url right?"),
    (401, "", "auth", 3, "api_key"),
    (403, PAGE, "auth", 3, "a firewall or a login page"),
    (405, "", "bad_request", 4, "405"),
    (407, "", "config", 3, "wants a user"),
    (408, "", "timeout", 4, "408"),
    (413, "", "context_length", 8, "413"),
    (422, '{"detail":[{"loc":["body"],"msg":"field required"}]}', "bad_request", 4, "field required"),
    (429, PAGE, "rate_limit", 5, "429"),
    (451, "", "bad_request", 4, "451"),
    (500, PAGE, "server", 4, "a web page, which comes from"),
    (502, PAGE, "server", 4, "a web page, which comes from"),
    (503, PAGE, "overloaded", 4, "503"),
    (504, "upstream request timeout", "server", 4, "upstream request timeout"),
    (520, "", "server", 4, "520"),
    (599, "[]", "server", 4, "599"),
]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_status_means_the_same_everywhere(tmp_path: Path, wire: str) -> None:
    async with Server() as server:
        home = home_on(tmp_path, wire, server.url, QUICK)
        for status, body, kind, code, says in ANSWERS:
            server.script.clear()
            server.will(Reply(status=status, body=body, times=None))
            result = await home.ask("tell me something")
            made = result.json["error"]
            assert (made["kind"], result.code) == (kind, code), (status, body, made)
            assert says in made["message"], (status, body, made)
            assert result.json["cost"] == {"nano_usd": 0, "status": "free"}
