"""What a write keeps: line ends, byte order mark, mode and the newline at the end; and what a person sees before it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ralph.core.llm.tool import Surroundings, ToolCall, ToolFailure
from ralph.core.llm.tool_output import LastRead, Prepared
from ralph.disk.changes import sha256
from ralph.tools import edit_file, write_file
from ralph.tools._file_text import keep_final_newline, keep_line_ends
from tests.frozen import FrozenClock


def around(root: Path, **reads: LastRead) -> Surroundings:
    return Surroundings(root, FrozenClock(), last_reads=reads)


def edit(root: Path, old: str, new: str, path: str = "a.txt") -> Prepared:
    return edit_file.TOOL.prepare({"path": path, "old": old, "new": new}, around(root))


def write(root: Path, content: str, path: str = "a.txt") -> Prepared:
    return write_file.TOOL.prepare({"path": path, "content": content}, around(root))


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        (b"one\ntwo\n", "two", "2", b"one\n2\n"),
        (b"one\r\ntwo\r\nthree\r\n", "one\ntwo", "1\n2\n2b", b"1\r\n2\r\n2b\r\nthree\r\n"),
        (b"one\r\ntwo\r\n", "one\r\ntwo", "1\r\n2", b"1\r\n2\r\n"),
        (b"one\r\ntwo\nthree\r\nfour", "two\nthree", "2\nmid\nthree", b"one\r\n2\r\nmid\r\nthree\r\nfour"),
        (b"a\nb\r\nc\nd\n", "c", "C", b"a\nb\r\nC\nd\n"),
        (BOM + b"one\n", "one", "1", BOM + b"1\n"),
        ("one\r\n".encode("utf-16"), "one", "1", b"\xff\xfe" + "1\r\n".encode("utf-16-le")),
        (b"last", "last", "end", b"end"),
        (b"last\n", "last\n", "", b""),
        ("gr\u00fcn\n".encode(), "\u00fc", "\u00f6", "gr\u00f6n\n".encode()),
    ],
)
def test_an_edit_keeps_what_it_does_not_change(tmp_path: Path, before: bytes, old: str, new: str, after: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(before)
    assert edit(tmp_path, old, new).changes[-1].after == after


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        (None, "new\r\nfile", b"new\r\nfile"),
        (b"one\r\ntwo\r\n", "1\n2\n", b"1\r\n2\r\n"),
        (b"one\ntwo", "1\n2\n", b"1\n2"),
        (b"one\ntwo\n", "1\n2", b"1\n2\n"),
        (b"one", "one\n", b"one\n"),  # nothing but the newline differs, so it is meant
        (BOM + b"one\n", "1\n", BOM + b"1\n"),
        (b"\x00\x01binary", "text\n", b"text\n"),
        (b"one\n", "", b""),
        (b"", "x\n", b"x\n"),
        (b"a\r\nb\nc\r\n", "a\nb\nnew\nc\n", b"a\r\nb\nnew\r\nc\r\n"),
    ],
)
def test_a_write_keeps_the_customs_of_the_file(
    tmp_path: Path, before: bytes | None, content: str, after: bytes
) -> None:
    if before is not None:
        (tmp_path / "a.txt").write_bytes(before)
    assert write(tmp_path, content).changes[-1].after == after


LINES = st.lists(st.tuples(st.sampled_from(["", "a", "b", "same"]), st.sampled_from(["\n", "\r\n"])), max_size=12)


@given(LINES, st.lists(st.sampled_from(["", "a", "b", "same", "new"]), max_size=12))
def test_line_ends_never_change_the_lines(old: list[tuple[str, str]], new: list[str]) -> None:
    before, after = "".join(line + end for line, end in old), "\n".join(new)
    made = keep_line_ends(before, after)
    assert made.replace("\r\n", "\n") == after
    assert keep_line_ends(before, before.replace("\r\n", "\n")) == before
    kept = keep_final_newline(before.replace("\r\n", "\n"), after)
    assert kept.rstrip("\n") == after.rstrip("\n")


@pytest.mark.parametrize(
    ("content", "old", "said"),
    [
        (b"aaa\n", "aa", "'old' is 2 times in a.txt"),  # places overlap
        (b"x\nx\nx\n", "x", "'old' is 3 times in a.txt"),
        (b"one\n", "two", "'old' is not in a.txt"),
        (b"one\n", "", "'old' is empty"),
        (b"one\n", "one", "has exactly this content already"),
        (b"\x00one\n", "one", "is not text in UTF-8 or UTF-16"),
        (b"\xff\xfeo", "o", "is not text in UTF-8 or UTF-16"),
    ],
)
def test_an_edit_of_no_place_or_of_several_is_refused(tmp_path: Path, content: bytes, old: str, said: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(ToolFailure, match=said):
        edit(tmp_path, old, "one" if old == "one" and content == b"one\n" else "new")
    assert (tmp_path / "a.txt").read_bytes() == content


def test_an_edit_of_a_missing_file_names_the_other_tool(tmp_path: Path) -> None:
    with pytest.raises(ToolFailure, match="write_file makes a new one"):
        edit(tmp_path, "a", "b")


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
async def test_the_mode_stays_and_a_write_protected_file_too(tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_text("echo 1\n")
    script.chmod(0o755)
    planned = edit(tmp_path, "1", "2", "run.sh")
    assert "the file can be run (mode 0755)" in planned.preview
    await edit_file.TOOL.run({}, ToolCall(around(tmp_path), prepared=planned))
    assert (script.read_text(), script.stat().st_mode & 0o777) == ("echo 2\n", 0o755)
    script.chmod(0o444)
    with pytest.raises(ToolFailure, match=r"run\.sh is write-protected"):
        await edit_file.TOOL.run({"path": "run.sh", "old": "2", "new": "3"}, ToolCall(around(tmp_path)))
    assert os.listdir(tmp_path) == ["run.sh"]


async def test_a_change_after_the_preview_stops_the_write(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n")
    planned = edit(tmp_path, "one", "two")
    (tmp_path / "a.txt").write_text("other\n")
    with pytest.raises(ToolFailure, match=r"a\.txt changed while the call waited; read it again"):
        await edit_file.TOOL.run({}, ToolCall(around(tmp_path), prepared=planned))
    fresh = write(tmp_path, "mine\n", "b.txt")
    (tmp_path / "b.txt").write_text("theirs\n")
    with pytest.raises(ToolFailure, match=r"b\.txt changed while the call waited"):
        await write_file.TOOL.run({}, ToolCall(around(tmp_path), prepared=fresh))
    assert (tmp_path / "a.txt").read_text() + (tmp_path / "b.txt").read_text() == "other\ntheirs\n"


@pytest.mark.parametrize(
    ("content", "last", "said"),
    [
        ("new\n", LastRead(sha256(b"old\n"), "1.2c1"), r"a\.txt changed since 1\.2c1 read it; read it again"),
        ("new\n", LastRead(sha256(b"old\n"), "1.2c1", wrote=True), r"a\.txt changed since 1\.2c1 wrote it"),
        ("new\n", LastRead(None, "2.3c1", wrote=True), r"a\.txt changed since 2\.3c1 wrote it"),
        (None, LastRead(sha256(b"old\n"), "1.2c1"), r"a\.txt was removed since 1\.2c1 read it"),
    ],
)
def test_a_file_that_changed_since_the_model_read_it_is_not_written(
    tmp_path: Path, content: str | None, last: LastRead, said: str
) -> None:
    if content is not None:
        (tmp_path / "a.txt").write_text(content)
    where = around(tmp_path, **{"a.txt": last})
    with pytest.raises(ToolFailure, match=said):
        write_file.TOOL.prepare({"path": "a.txt", "content": "mine\n"}, where)


def test_the_preview_is_a_diff(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join(f"line {n}\n" for n in range(40)) + "end")
    planned = edit(tmp_path, "line 20\n", "LINE 20\nmore\n")
    assert planned.preview.splitlines() == [
        "changes a.txt; the model has not read this file in this timeline; +2 −1 lines",
        "--- a/a.txt", "+++ b/a.txt", "@@ -18,7 +18,8 @@",
        " line 17", " line 18", " line 19", "-line 20", "+LINE 20", "+more", " line 21", " line 22", " line 23",
    ]  # fmt: skip
    assert write(tmp_path, "only", "x/y/b.txt").preview.splitlines() == [
        "makes the folder x; makes the folder x/y; makes the file x/y/b.txt; 1 line",
        "--- /dev/null", "+++ b/x/y/b.txt", "@@ -0,0 +1,1 @@", "+only", "\\ No newline at end of file",
    ]  # fmt: skip
    (tmp_path / "bin").write_bytes(b"\0\1")
    assert "replaces bin, which is not text (2 bytes)" in write(tmp_path, "x\n", "bin").preview
    long = write(tmp_path, "".join(f"{n} {'w' * 500}\n" for n in range(1800)), "long.txt").preview
    assert len(long) < 200_000
    assert "more lines of the diff" in long


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_the_diff_makes_the_new_text_of_the_old(old: list[str], new: list[str]) -> None:
    from ralph.tools._file_diff import _diff

    rows, added, removed = _diff(old, new)
    body = [row for row in rows if not row.startswith("@@")]
    assert (sum(r[0] == "+" for r in body), sum(r[0] == "-" for r in body)) == (added, removed)
    assert len(new) - len(old) == added - removed
    if len(old) <= 3 and old != new:  # one hunk with everything
        assert [row[1:] for row in body if row[0] != "+"] == old
        assert [row[1:] for row in body if row[0] != "-"] == new
