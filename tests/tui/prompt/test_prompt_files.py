"""Files that are named or attached: what can be found, what goes along, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.core.errors import Failure
from ralph.tui.prompt import attachments, paths
from ralph.tui.prompt.attachments import enclose, gather
from ralph.tui.prompt.completion_context import quoted
from ralph.tui.prompt.paths import PathIndex, walk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = {
        "README.md": "# hello\nworld\n", "src/app.py": "print()\n", "src/deep/prompt.py": "x", "my notes.txt": "n",
        ".env": "KEY=1", ".git/config": "x", "id_rsa": "x", "node_modules/a/b.js": "x", "src/__pycache__/a.pyc": "x",
        "prod.env": "x",
    }  # fmt: skip
    for name, text in made.items():
        (tmp_path / "here" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / name).write_text(text)
    (tmp_path / "outside.txt").write_text("no")
    (tmp_path / "here/big.txt").write_bytes(b"a" * (256 * 1024 + 1))
    (tmp_path / "here/data.bin").write_bytes(b"\0\1\2")
    (tmp_path / "here/photo.PNG").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    return tmp_path / "here"


def test_only_open_files_are_found_the_near_ones_first(root: Path) -> None:
    assert walk(root) == [
        "big.txt", "data.bin", "my notes.txt", "photo.PNG", "README.md", "src/", "src/app.py", "src/deep/",
        "src/deep/prompt.py",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "first"),
    [("prpy", "src/deep/prompt.py"), ("read", "README.md"), ("src/", "src/app.py"), ("src/pro", "src/deep/prompt.py"),
     ("app", "src/app.py"), ("./src/", "src/app.py"), ("", "big.txt")],
)  # fmt: skip
def test_paths_are_found_by_a_few_letters(root: Path, part: str, first: str) -> None:
    assert PathIndex(root).like(part)[0] == first


def test_a_walk_is_bounded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MAX_SEEN", 4)
    assert len(walk(root)) <= 4
    assert walk(root / "nowhere") == []


@pytest.mark.parametrize(
    "name",
    ["a\x1b[2Jb", "a\nb", "a\u202eb", "a\u200bb", 'a"b', "a\x9bb", "a\tb", b"a\xff".decode("utf-8", "surrogateescape")],
)
def test_a_name_that_cannot_be_shown_or_written_is_not_offered(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("x")
    (tmp_path / "plain").write_text("x")
    assert walk(tmp_path) == ["plain"]


@pytest.mark.parametrize("name", ["two words", "日本\u3000語.txt", "a\xa0b", "@types", "naïve.md", "end."])
def test_every_name_that_is_offered_is_found_again_as_it_is_written(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("words")
    (found,) = walk(tmp_path)
    enclosed, missed = gather(tmp_path, f"see {quoted(found)} and so on")
    assert [e.path for e in enclosed] == [name]
    assert missed == ()


def test_signs_behind_a_name_are_none_of_it_in_any_script(root: Path) -> None:
    enclosed, missed = gather(root, "見る @README.md。 と @src/app.py、 “@big.py” «@README.md»")
    assert [e.path for e in enclosed] == ["README.md", "src/app.py"]
    assert missed == ()


def test_a_file_goes_along_as_a_block_that_it_cannot_close(root: Path) -> None:
    (root / "tricky.md").write_text("```\nout\n```\n")
    made = enclose(root, "tricky.md")
    assert made.text == "tricky.md (3 lines):\n````\n```\nout\n```\n````"
    assert (made.path, made.size) == ("tricky.md", "3 lines")


def test_a_folder_goes_along_as_its_listing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert enclose(root, "src/").text == "src/ (3 entries):\n```\n__pycache__/\napp.py\ndeep/\n```"
    monkeypatch.setattr(attachments, "MAX_ENTRIES", 1)
    assert "… and 2 more" in enclose(root, "src").text


@pytest.mark.parametrize(
    ("path", "why"),
    [("nothing.txt", "there is no file or folder 'nothing.txt' here"), ("../outside.txt", "outside"),
     ("/etc/passwd", "outside"), (".env", "hidden"), ("id_rsa", "hidden file or may hold a key"),
     ("big.txt", "more than the 256 KiB"), ("data.bin", "binary"), ("photo.PNG", "does not carry images"),
     ("a\0b", "no path")],
)  # fmt: skip
def test_what_does_not_go_along_is_told(root: Path, path: str, why: str) -> None:
    with pytest.raises(Failure, match=why):
        enclose(root, path)


def test_a_message_takes_along_what_it_names_and_the_rest_is_told(root: Path) -> None:
    message = 'compare @README.md, @"my notes.txt" and (see @src/app.py). Not @nobody!'
    enclosed, missed = gather(root, message)
    assert [e.path for e in enclosed] == ["README.md", "my notes.txt", "src/app.py"]
    assert missed == ("there is no file or folder 'nobody' here",)
