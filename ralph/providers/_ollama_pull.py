"""Sums up the lines in which Ollama reports a download."""

from __future__ import annotations

from ralph.core.errors import Kind, ProviderFailure
from ralph.core.llm.provider import PullProgress
from ralph.providers._failures import Peer, build_malformed_answer, build_truncation
from ralph.providers._json import read_json


class PullFold:
    """The layers of one model, as the server counts them."""

    def __init__(self, who: Peer, model: str) -> None:
        self._who = who
        self._model = model
        self._layers: dict[str, tuple[int, int]] = {}
        self._ended = False

    def take(self, payload: bytes) -> PullProgress:
        """Take one line. Raises `ProviderFailure` if it reports one."""
        try:
            line = read_json(payload)
        except ValueError:
            line = None
        if not isinstance(line, dict):
            raise build_malformed_answer(self._who, "a line that is not a JSON object")
        if error := line.get("error"):
            words = str(error)
            missing = "file does not exist" in words or "not found" in words
            kind = Kind.NOT_FOUND if missing else Kind.SERVER
            raise ProviderFailure(kind, self._who.say(f"could not pull {self._model}: {words}"))
        digest, total, done = (line.get(name) for name in ("digest", "total", "completed"))
        if isinstance(digest, str) and isinstance(total, int):
            self._layers[digest] = (done if isinstance(done, int) else 0, total)
        self._ended = self._ended or line.get("status") == "success"
        return PullProgress(*self._sum())

    def finish(self) -> PullProgress:
        """Return the end. Raises `ProviderFailure` if the server did not report success."""
        if not self._ended:
            raise build_truncation(self._who)
        done, total = self._sum()
        largest = max(self._layers, key=lambda digest: self._layers[digest][1], default="")
        return PullProgress(total or done, total, done=True, sha256=largest.removeprefix("sha256:"))

    def _sum(self) -> tuple[int, int | None]:
        done, total = (sum(layer[n] for layer in self._layers.values()) for n in (0, 1))
        return done, total or None
