"""The log holds no key, whatever writes it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ralph.config import logs
from ralph.core.masking import Secrets


@pytest.mark.parametrize(
    "line",
    [
        "Request options: {'headers': {'Authorization': 'Bearer abcdef123456'}}",
        "api_key=abcdef123456",
        "x-api-key: abcdef123456",
        "the key sk-ant-abcdef123456 was refused",
        "gsk_abcdef123456 and hf_abcdef123456",
        "known: s3cret-of-mine",
    ],
)
def test_a_key_is_masked(tmp_path: Path, line: str) -> None:
    handler = logs.start(tmp_path / "state" / "ralph.log", Secrets(["s3cret-of-mine"]), debug=True)
    try:
        logging.getLogger("ralph.test").warning("%s", line)
        try:
            raise ValueError(line)
        except ValueError:
            logging.getLogger("ralph.test").exception("it broke")
    finally:
        logs.stop(handler)
    text = (tmp_path / "state" / "ralph.log").read_text()
    assert "abcdef123456" not in text
    assert "s3cret-of-mine" not in text
    assert "***" in text
    assert "it broke" in text


def test_nothing_to_say_makes_no_file(tmp_path: Path) -> None:
    logs.stop(logs.start(tmp_path / "ralph.log", Secrets(), debug=False))
    assert not (tmp_path / "ralph.log").exists()


def test_a_place_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    logs.stop(logs.start(tmp_path / "file" / "ralph.log", Secrets(), debug=False))
