"""A server of tools by hand, for what no good server does. `python peer.py PLAN.json`; it starts in some milliseconds.

The plan: `tools` (a list of definitions, or the word `many`), `delay` (seconds before anything is answered), `gate` (a
file before which nothing is answered), `log` (a file for what it was told), `deaf` (it ignores the end of its input),
`child` (a word in the command line of a program that it starts in another session).
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

FILE = Path(sys.argv[1])
PLAN: dict[str, Any] = json.loads(FILE.read_text())
OBJECT = {"type": "object", "properties": {}}
NAMES = ("echo", "fail", "shape", "picture", "slow", "steady", "die", "silent", "junk", "ask", "visit", "moan", "renew")
cancelled: set[Any] = set()
answers: dict[Any, Any] = {}
woken = threading.Condition()
writing = threading.Lock()


def log(words: str) -> None:
    if "log" in PLAN:
        with open(PLAN["log"], "a") as file:
            file.write(f"{words}\n")


def send(message: dict[str, Any]) -> None:
    with writing:
        print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": words}], **more}


def tools() -> list[dict[str, Any]]:
    plan = json.loads(FILE.read_text())
    if plan.get("tools") == "many":
        return [
            {"name": f"tool_{n}", "description": f"Does the thing number {n} with widgets. " * 3, "inputSchema": OBJECT}
            for n in range(200)
        ]
    default = [{"name": name, "description": f"The tool {name}.", "inputSchema": OBJECT} for name in NAMES]
    return plan.get("tools") or default


def ask(number: Any, params: dict[str, Any]) -> dict[str, Any]:
    with woken:
        send({"id": f"ask-{number}", "method": "elicitation/create", "params": params})
        woken.wait_for(lambda: f"ask-{number}" in answers)
    return answers[f"ask-{number}"]


FORM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "whose"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "colour": {"type": "string", "enum": ["red", "green"]},
        "sure": {"type": "boolean"},
        "note": {"type": "string"},
    },
    "required": ["name", "count"],
}


def call(number: Any, params: dict[str, Any]) -> dict[str, Any] | None:
    name, given = params["name"], params.get("arguments") or {}
    token = params.get("_meta", {}).get("progressToken")
    log(f"call {name} {json.dumps(given)}")
    match name:
        case "fail":
            return text("the bank is closed", isError=True)
        case "shape":
            return {"content": [], "structuredContent": {"area": 12}}
        case "picture":
            data = base64.b64encode(b"\x89PNG picture").decode()
            return {
                "content": [
                    {"type": "image", "data": data, "mimeType": "image/png"},
                    {"type": "audio", "data": data, "mimeType": "audio/wav"},
                    {"type": "resource", "resource": {"uri": "notes://one", "text": "a note inside"}},
                    {"type": "resource_link", "uri": "notes://two", "name": "two", "mimeType": "text/plain"},
                ]
            }
        case "slow" | "steady":
            for step in range(int(given.get("steps", 1000))):
                time.sleep(given.get("pause", 0.1))
                if name == "steady":
                    send(
                        {
                            "method": "notifications/progress",
                            "params": {"progressToken": token, "progress": step + 1, "total": 9, "message": "digging"},
                        }
                    )
                if number in cancelled:
                    return None
            return text("it is dug")
        case "die":
            print("I am going", file=sys.stderr, flush=True)
            os._exit(3)
        case "silent":
            return None
        case "junk":
            with writing:
                print("Debugger listening on ws://x\n{]\n", flush=True)
            return text("still here")
        case "ask":
            return text(json.dumps(ask(number, {"mode": "form", "message": "About you?", "requestedSchema": FORM})))
        case "visit":
            url = "https://bank.example/consent?x=1"
            return text(
                json.dumps(ask(number, {"mode": "url", "message": "Log in", "url": url, "elicitationId": "e1"}))
            )
        case "moan":
            print("\n".join(f"moan {n}" for n in range(30)), file=sys.stderr, flush=True)
            return text("ok")
        case "renew":
            plan = json.loads(FILE.read_text())
            plan["tools"] = [{"name": "fresh", "description": "New.", "inputSchema": OBJECT}]
            FILE.write_text(json.dumps(plan))
            send({"method": "notifications/tools/list_changed"})
            return text("renewed")
    return text(json.dumps({name: given}))


def answer(message: dict[str, Any]) -> None:
    number, method, params = message["id"], message["method"], message.get("params") or {}
    result: dict[str, Any] | None
    match method:
        case "initialize":
            log(f"capabilities {json.dumps(params['capabilities'])}")
            has = {"tools": {"listChanged": True}, "resources": {}, "prompts": {}}
            result = {
                "protocolVersion": "2025-11-25",
                "capabilities": has,
                "serverInfo": {"name": "peer", "version": "1"},
            }
        case "tools/list":
            result = {"tools": tools()}
        case "tools/call":
            result = call(number, params)
        case "resources/list":
            result = {"resources": [{"uri": "notes://one", "name": "the first note"}]}
        case "resources/templates/list":
            result = {"resourceTemplates": [{"uriTemplate": "notes://{name}", "name": "a note"}]}
        case "resources/read":
            result = {"contents": [{"uri": params["uri"], "text": f"the text of {params['uri']}"}]}
        case "prompts/list":
            about = {"name": "topic", "required": True}
            result = {"prompts": [{"name": "poem", "description": "A poem.", "arguments": [about, {"name": "form"}]}]}
        case "prompts/get":
            words = f"Write a {params['arguments'].get('form', 'sonnet')} about {params['arguments']['topic']}."
            result = {"messages": [{"role": "user", "content": {"type": "text", "text": words}}]}
        case _:
            send({"id": number, "error": {"code": -32601, "message": "no such method"}})
            return
    if result is not None:
        send({"id": number, "result": result})


def main() -> None:
    log(f"started {os.getpid()}")
    print("the peer is up", file=sys.stderr, flush=True)
    if PLAN.get("child"):
        subprocess.Popen(
            [sys.executable, "-c", f"import time; print({PLAN['child']!r}); time.sleep(300)"],
            stdout=2,
            start_new_session=True,
        )
    time.sleep(PLAN.get("delay", 0))
    while "gate" in PLAN and not Path(PLAN["gate"]).exists():
        time.sleep(0.02)
    for line in sys.stdin:
        message = json.loads(line)
        if "method" in message and "id" in message:
            threading.Thread(target=answer, args=(message,), daemon=True).start()
        elif message.get("method") == "notifications/cancelled":
            log("cancelled")
            cancelled.add(message["params"]["requestId"])
        elif "method" not in message:
            with woken:
                answers[message["id"]] = message.get("result")
                woken.notify_all()
    while PLAN.get("deaf"):
        time.sleep(1)


if __name__ == "__main__":
    main()
