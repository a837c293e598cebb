"""The result of a call, a resource or a prompt, as text and files. Pure functions over the protocol's JSON."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ralph.core.llm.tool_output import Media, Origin, ToolOutput

Json = Mapping[str, Any]

# The ends of names of unnamed files; the tables of operating systems differ.
_SUFFIXES = {
    **{f"image/{kind}": f".{kind}" for kind in ("png", "gif", "webp", "avif", "bmp", "tiff")},
    **{f"audio/{kind}": f".{kind}" for kind in ("wav", "ogg", "flac", "aac")},
    "image/jpeg": ".jpg", "image/svg+xml": ".svg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/x-wav": ".wav",
    "application/pdf": ".pdf", "application/json": ".json", "text/plain": ".txt",
}  # fmt: skip


def read_result(result: Json, origin: Origin) -> ToolOutput:
    """Return the output of a tool's result."""
    reader = _BlockReader()
    lines = [text for block in _blocks(result.get("content")) if (text := reader.read(block))]
    structured = result.get("structuredContent")
    if structured is not None and not any(_is_json(text, structured) for text in lines):
        lines.append(json.dumps(structured, ensure_ascii=False, indent=1))
    text = "\n".join(lines) or ("the server reported an error without a text" if result.get("isError") else "")
    return ToolOutput(text, origin, media=tuple(reader.media), failed=bool(result.get("isError")))


def read_contents(result: Json) -> tuple[str, tuple[Media, ...]]:
    """Return the text and the files of a resource."""
    reader = _BlockReader()
    lines = [reader.read_contents(one) for one in _blocks(result.get("contents"))]
    return "\n".join(line for line in lines if line), tuple(reader.media)


def read_prompt(result: Json) -> str:
    """Return the messages of a prompt as one text; of several, each behind its role."""
    reader = _BlockReader()
    messages = [
        (str(one.get("role", "user")), text)
        for one in _blocks(result.get("messages"))
        for block in _blocks([one.get("content")] if isinstance(one.get("content"), Mapping) else one.get("content"))
        if (text := reader.read(block))
    ]
    if all(role == "user" for role, _ in messages):
        return "\n\n".join(text for _, text in messages)
    return "\n\n".join(f"{role}: {text}" for role, text in messages)


def _blocks(value: Any) -> Iterable[Json]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else ()


def _is_json(text: str, value: Any) -> bool:
    try:
        return bool(json.loads(text) == value)
    except (ValueError, RecursionError):
        return False


class _BlockReader:
    """Turns blocks of content into lines, and collects the files in them."""

    def __init__(self) -> None:
        self.media: list[Media] = []

    def read(self, block: Json) -> str:
        match block.get("type"):
            case "text":
                return str(block.get("text", ""))
            case "image" | "audio" as kind:
                return self._keep(block.get("data"), str(block.get("mimeType", "")), kind)
            case "resource_link":
                return "".join(_describe_link(block))
            case "resource":
                inner = block.get("resource")
                return self.read_contents(inner) if isinstance(inner, Mapping) else ""
            case other:
                return f"[content of the kind {str(other)[:40]} was left out]"

    def read_contents(self, contents: Json) -> str:
        """Return the text of a resource, with its address before it."""
        uri = str(contents.get("uri", ""))
        if isinstance(contents.get("text"), str):
            return f"{uri}:\n{contents['text']}" if uri else str(contents["text"])
        name = uri.rstrip("/").rpartition("/")[2]
        return self._keep(contents.get("blob"), str(contents.get("mimeType") or ""), "file", name)

    def _keep(self, data: Any, media_type: str, kind: str, name: str = "") -> str:
        try:
            content = base64.b64decode(str(data), validate=True)
        except (binascii.Error, ValueError):
            return f"[{kind} whose data cannot be read]"
        media_type = media_type or "application/octet-stream"
        suffix = _SUFFIXES.get(media_type, "")
        name = name or f"{kind}-{len(self.media) + 1}{suffix}"
        self.media.append(Media(name, media_type, content))
        return f"[{kind} {name}, {media_type}, {len(content):,} bytes]"


def _describe_link(block: Json) -> Iterator[str]:
    yield f"[{block.get('name') or 'resource'}: {block.get('uri', '')}"
    if block.get("mimeType"):
        yield f", {block['mimeType']}"
    yield "]"
    if block.get("description"):
        yield f" {block['description']}"
