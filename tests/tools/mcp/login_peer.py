"""A server that wants a login, and its authorisation server, by hand on one loopback port."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

LISTED = {"tools": [{"name": "secret", "description": "Tells it.", "inputSchema": {"type": "object"}}]}


class LoginPeer:
    """Counts what it was asked. Each refresh token works once; `ends_in` is the life of the tokens in seconds."""

    def __init__(self) -> None:
        self.registered: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self.refresh: set[str] = set()
        self.codes: dict[str, dict[str, str]] = {}
        self.refreshed = 0
        self.ends_in = 3600
        peer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                peer.get(self)

            def do_POST(self) -> None:
                peer.post(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def send(self, on: BaseHTTPRequestHandler, status: int, data: Any, **headers: str) -> None:
        body = json.dumps(data).encode()
        on.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            on.send_header(name.replace("_", "-"), value)
        on.end_headers()
        on.wfile.write(body)

    def get(self, on: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(on.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/.well-known/oauth-protected-resource"):
            self.send(on, 200, {"resource": f"{self.base}/mcp", "authorization_servers": [self.base]})
        elif parts.path == "/.well-known/oauth-authorization-server":
            ends = {f"{name}_endpoint": f"{self.base}/{name}" for name in ("authorization", "token", "registration")}
            more = {"response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"]}
            self.send(on, 200, {"issuer": self.base, **ends, **more})
        elif parts.path == "/authorization":
            self.codes["code-1"] = given
            way_back = f"{given['redirect_uri']}?{urlencode({'code': 'code-1', 'state': given['state']})}"
            self.send(on, 302, {}, Location=way_back)
        else:
            self.send(on, 405, {})

    def post(self, on: BaseHTTPRequestHandler, body: str) -> None:
        if on.path == "/registration":
            data = json.loads(body)
            self.registered.append(data)
            self.send(on, 201, {**data, "client_id": f"client-{len(self.registered)}"})
        elif on.path == "/token":
            self._token(on, {name: values[0] for name, values in parse_qs(body).items()})
        elif (on.headers.get("Authorization") or "").removeprefix("Bearer ") not in self.tokens:
            where = f'Bearer resource_metadata="{self.base}/.well-known/oauth-protected-resource"'
            self.send(on, 401, {}, WWW_Authenticate=where)
        else:
            self._serve(on, json.loads(body))

    def _token(self, on: BaseHTTPRequestHandler, given: dict[str, str]) -> None:
        if given["grant_type"] == "refresh_token":
            if given["refresh_token"] not in self.refresh:
                self.send(on, 400, {"error": "invalid_grant"})
                return
            self.refresh.remove(given["refresh_token"])
            self.refreshed += 1
        else:
            asked = self.codes.pop(given["code"])
            digest = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest())
            assert digest.decode().rstrip("=") == asked["code_challenge"]
        number = len(self.tokens) + 1
        self.tokens = {*self.tokens, f"access-{number}"} if self.ends_in > 60 else {f"access-{number}"}
        self.refresh.add(f"refresh-{number}")
        made = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": self.ends_in}
        self.send(on, 200, {**made, "token_type": "Bearer"})

    def _serve(self, on: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if "id" not in message:
            on.send_response(202)
            on.end_headers()
            return
        has = {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "s", "version": "1"},
        }
        result = {"initialize": has, "tools/list": LISTED}.get(message["method"])
        if message["method"] == "tools/call":
            result = {"content": [{"type": "text", "text": "the secret"}]}
        end = {"result": result} if result else {"error": {"code": -32601, "message": "no such method"}}
        self.send(on, 200, {"jsonrpc": "2.0", "id": message["id"], **end})
