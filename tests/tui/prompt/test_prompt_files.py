"""Files that are named or attached: what can be found, what goes along, and what is told of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ralph.core.errors import Failure
from ralph.tui.prompt import paths
from ralph.tui.prompt.attachments import gather
from ralph.tui.prompt.completion_context import quote_path
from ralph.tui.prompt.paths import PathIndex, walk
from ralph.workflows import attached
from ralph.workflows.attached import NeedsYes, enclose


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


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("~", ["~/"]),
        ("~/", ["~/here/", "~/outside.txt"]),
        ("~/out", ["~/outside.txt"]),
        ("~/here/my n", ["~/here/my notes.txt"]),
        ("..", ["../"]),
        ("../", ["../here/", "../outside.txt"]),
        ("../here/src/ap", ["../here/src/app.py"]),
        ("{above}/here/src/", ["{above}/here/src/__pycache__/", "{above}/here/src/app.py", "{above}/here/src/deep/"]),
        ("{above}/ou", ["{above}/outside.txt"]),
        ("/nowhere-at-all/x", []),
    ],
)
def test_paths_outside_the_working_directory_are_found_folder_by_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch, part: str, found: list[str]
) -> None:
    monkeypatch.setenv("HOME", str(root.parent))
    monkeypatch.setenv("USERPROFILE", str(root.parent))
    above = root.parent.as_posix()
    assert PathIndex(root).like(part.format(above=above)) == [one.format(above=above) for one in found]


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
    made = gather(tmp_path, f"see {quote_path(found)} and so on")
    assert [e.path for e in made.enclosed] == [name]
    assert (made.texts, made.refused) == ((), ())


def test_signs_behind_a_name_are_none_of_it_in_any_script(root: Path) -> None:
    made = gather(root, "見る @README.md。 と @src/app.py、 “@big.py” «@README.md»")
    assert [e.path for e in made.enclosed] == ["README.md", "src/app.py"]
    assert (made.texts, made.refused) == ((), ())


def test_a_file_goes_along_as_a_block_that_it_cannot_close(root: Path) -> None:
    (root / "tricky.md").write_text("```\nout\n```\n")
    made = enclose(root, "tricky.md")
    assert made.text == "tricky.md (3 lines):\n````\n```\nout\n```\n````"
    assert (made.path, made.size) == ("tricky.md", "3 lines")


def test_a_folder_goes_along_as_its_listing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert enclose(root, "src/").text == "src/ (3 entries):\n```\n__pycache__/\napp.py\ndeep/\n```"
    monkeypatch.setattr(attached, "MAX_ENTRIES", 1)
    assert "… and 2 more" in enclose(root, "src").text


@pytest.mark.parametrize(
    ("path", "why", "code"),
    [("nothing.txt", "there is no file or folder 'nothing.txt' here", 10), ("../gone", "there is no file", 10),
     ("big.txt", "more than the 256 KiB", 2), ("data.bin", "binary", 2), ("photo.PNG", "does not carry images", 2),
     ("a\0b", "is not a path", 10), (".gone", "there is no file or folder", 10)],
)  # fmt: skip
@pytest.mark.parametrize("allowed", [False, True])
def test_what_does_not_go_along_is_told(root: Path, path: str, why: str, code: int, allowed: bool) -> None:
    with pytest.raises(Failure, match=why) as failed:
        enclose(root, path, allowed=allowed)
    assert failed.value.exit_code == code
    assert not isinstance(failed.value, NeedsYes)


@pytest.mark.parametrize(
    "path", [".env", "id_rsa", "prod.env", ".git", "../.ssh/config", "{out}/id_rsa", "link.txt", "key.txt"]
)
def test_what_may_hold_a_key_is_read_after_a_yes_only(root: Path, path: str) -> None:
    (root.parent / ".ssh").mkdir()
    (root.parent / ".ssh/config").write_text("x\n")
    (root.parent / "id_rsa").write_text("x\n")
    (root / "link.txt").symlink_to(root.parent / "outside.txt")  # somebody else may have put it there
    (root / "key.txt").symlink_to(root / "id_rsa")
    path = path.format(out=root.parent)
    with pytest.raises(NeedsYes) as question:
        enclose(root, path)
    assert question.value.exit_code == 2
    made = enclose(root, path, allowed=True)
    assert (made.path.rstrip("/"), made.text.count("```")) == (path, 2)


@pytest.mark.parametrize(
    "path", ["../outside.txt", "{out}/outside.txt", "~/outside.txt", "../beside", "~/", "../beside/"]
)
def test_what_lies_outside_goes_along_under_the_name_that_was_written(
    root: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(root.parent))
    (root.parent / "beside").mkdir()
    path = path.format(out=root.parent)
    assert enclose(root, path).path.rstrip("/") == path.rstrip("/")


def test_a_working_directory_below_a_hidden_folder_makes_no_neighbour_hidden(tmp_path: Path) -> None:
    (tmp_path / ".work/project").mkdir(parents=True)
    (tmp_path / ".work/notes.txt").write_text("x\n")
    assert enclose(tmp_path / ".work/project", "../notes.txt").size == "1 line"


def test_a_message_takes_along_what_it_names_and_the_rest_is_told(root: Path) -> None:
    made = gather(root, 'compare @README.md, @"my notes.txt" and (see @src/app.py). Not @nobody, @gone.py or @.env!')
    assert [e.path for e in made.enclosed] == ["README.md", "my notes.txt", "src/app.py"]
    assert made.texts == ("there is no file or folder 'nobody' here",)
    assert [f.message for f in made.refused] == ["there is no file or folder 'gone.py' here"]
    assert [q.path for q in made.asking] == [".env"]
