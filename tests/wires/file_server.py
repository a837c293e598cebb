"""A loopback server of files: a package index, a model hub, and Ollama's pull. It can cut a file short, and resume."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class FileServer:
    """`files` are bytes by path, `lists` JSON by path. `cut`: how many bytes of a file come before the line breaks."""

    files: dict[str, bytes] = field(default_factory=dict)
    lists: dict[str, Any] = field(default_factory=dict)
    lines: list[Any] = field(default_factory=list)  # what a POST answers
    cut: int | None = None
    pause: threading.Event | None = None  # with `cut`: the rest waits for it
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, range

    def __enter__(self) -> FileServer:
        server = self

        class Door(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Print nothing."""

            def do_GET(self) -> None:
                server.asked.append(("GET", self.path, self.headers.get("range", "")))
                if self.path in server.lists:
                    self._send(200, json.dumps(server.lists[self.path]).encode())
                elif self.path in server.files:
                    self._file(server.files[self.path])
                else:
                    self._send(404, b"not found")

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                server.asked.append((self.command, self.path, self.rfile.read(length).decode()))
                self._send(200, b"".join(json.dumps(one).encode() + b"\n" for one in server.lines))

            do_DELETE = do_POST

            def _file(self, data: bytes) -> None:
                begin = self.headers.get("range", "").removeprefix("bytes=").rstrip("-")
                rest = data[int(begin or 0) :]
                self.send_response(206 if begin else 200)
                self.send_header("content-length", str(len(rest)))
                self.end_headers()
                if server.cut is None:
                    self.wfile.write(rest)
                    return
                self.wfile.write(rest[: server.cut])
                self.wfile.flush()
                if server.pause is not None:
                    server.pause.wait(60)

            def _send(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.pause is not None:
            self.pause.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def ranges(self) -> list[str]:
        return [asked for method, path, asked in self.asked if method == "GET" and path in self.files]

    def add_package(self, name: str, version: str, member: str, data: bytes, sha256: str = "") -> None:
        """Offer a wheel with this file; `sha256` lies about its checksum."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as wheel:
            wheel.writestr(zipfile.ZipInfo(member), data)
        made, file = packed.getvalue(), f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        self.files[f"/files/{file}"] = made
        hashes = {"sha256": sha256 or hashlib.sha256(made).hexdigest()}
        self.lists[f"/simple/{name}/"] = {
            "files": [{"filename": file, "url": f"../../files/{file}", "hashes": hashes, "size": len(made)}]
        }

    def add_hub_file(self, repository: str, file: str, data: bytes) -> None:
        self.files[f"/{repository}/resolve/main/{file}"] = data
        oid = hashlib.sha256(data).hexdigest()
        listed = {"type": "file", "path": file, "size": len(data), "lfs": {"oid": oid, "size": len(data)}}
        self.lists[f"/api/models/{repository}/tree/main"] = [listed]
