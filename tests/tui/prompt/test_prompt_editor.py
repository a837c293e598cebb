"""Which editor is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.core.errors import Failure, Kind
from ralph.tui.prompt.editor import choose_editor


@pytest.mark.parametrize(
    ("there", "named", "words"),
    [
        (("vi", "nano"), {"VISUAL": "code --wait", "EDITOR": "ed"}, ["code", "--wait"]),
        (("vi", "nano"), {"EDITOR": "ed"}, ["ed"]),
        (("vi", "nano"), {}, ["vi"]),
        (("vi", "nano"), {"VISUAL": "", "EDITOR": " "}, ["vi"]),
        (("nano",), {}, ["nano"]),
    ],
)
def test_a_set_editor_then_the_usual_ones(
    there: tuple[str, ...], named: dict[str, str], words: list[str], tmp_path: Path
) -> None:
    for name in there:
        (tmp_path / name).touch(mode=0o755)
    assert choose_editor({**named, "PATH": str(tmp_path)}) == words


def test_where_there_is_none_the_sentence_says_how_to_set_one(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="export EDITOR=nano") as caught:
        choose_editor({"PATH": str(tmp_path)})
    assert caught.value.kind is Kind.CONFIG
