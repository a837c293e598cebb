"""What a deletion takes along: no text of the conversation stays in any table, in any file beside the database."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest

from ralph.core.errors import NotFound
from ralph.core.log import events as ev
from ralph.core.log.envelope import Envelope
from ralph.store.prompts import Prompts
from ralph.store.sqlite import deletion
from ralph.store.sqlite.opening import migrations
from ralph.store.sqlite.store import SqliteStore
from tests.cli.process import ralph
from tests.frozen import FrozenClock
from tests.store.logs import envelopes, opened, turn

MARKER = "quinkvelbort"
OTHER = "zamfolgrit"
FIRST, SECOND, FORK = "k3f9w2m7qd", "m1v0n3x8ab", "f0rk000000"
# 30,000 characters, as many as the tool reads, are 120,000 bytes of these.
WIDE = "\N{WHALE}"


def holding(path: Path, word: str) -> dict[str, int]:
    """`table.column` to the number of rows that hold the word, over every table and view that the schema has today."""
    found: dict[str, int] = {}
    with contextlib.closing(sqlite3.connect(path)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        for table in tables:
            for column in [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]:
                sql = f'SELECT count(*) FROM "{table}" WHERE instr(CAST("{column}" AS BLOB), CAST(? AS BLOB)) > 0'
                count = database.execute(sql, (word,)).fetchone()[0]
                if count:
                    found[f"{table}.{column}"] = count
    return found


def files_with(folder: Path, word: str) -> list[str]:
    """Names of the files below the folder whose bytes hold the word."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and word.encode() in p.read_bytes())


def script(word: str) -> list[dict[str, object]]:
    read = {"name": "files", "arguments": {"action": "read", "path": f"{word}.txt"}}
    return [
        {"role": "tool", "match": word, "calls": [read]},
        {"role": "tool", "match": word},
        {"role": "format", "match": word, "text": f"It says {word}, whale by whale."},
    ]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the cache on, and two files for a tool to read whole."""
    made = tmp_path / "home"
    (made / ".config" / "ralph").mkdir(parents=True)
    (made / ".config" / "ralph" / "config.yaml").write_text("cache: {enabled: on}\n")
    (made / "s.json").write_text(json.dumps([*script(MARKER), *script(OTHER)]))
    for word in (MARKER, OTHER):
        # The word also stands in the middle and the end of what is read.
        part = f"{word} {WIDE * 14_000}\n"
        (made / f"{word}.txt").write_text(part * 2 + word)
    return made


def ask(home: Path, word: str, *more: str) -> dict[str, object]:
    """A turn by the command: a title, a tool's output over 64 KiB, an answer that is cached."""
    flags = ("-m", "scripted:s.json", "--route", "rules", "--output", "json")
    done = ralph(home, *more, "-p", f"Read the file {word}.txt and say what you think", *flags)
    assert done.returncode == 0, done.stderr
    made: dict[str, object] = json.loads(done.stdout)
    return made


def test_a_deleted_timeline_leaves_no_text_in_any_table_and_in_no_file(home: Path) -> None:
    gone, kept = ask(home, MARKER)["timeline"], ask(home, OTHER)["timeline"]
    path = Path(ralph(home, "db", "path").stdout.strip())
    for word, timeline in ((MARKER, gone), (OTHER, kept)):
        Prompts(path.with_name("prompts.jsonl")).append(f"say {word}", "2026-11-20", str(timeline))
    before = {word: holding(path, word) for word in (MARKER, OTHER)}
    for place in ("timelines.title", "events.data", "turns.prompt", "blocks.text", "blobs.data", "answers.data"):
        assert place in before[MARKER], f"the test does not reach {place}"
    ledger = _ledger(path)
    done = ralph(home, "delete", str(gone))
    assert (done.returncode, done.stderr) == (0, "")
    assert holding(path, MARKER) == {}
    after = holding(path, OTHER)
    assert after.pop("search_data.block") > 0
    before[OTHER].pop("search_data.block")  # the rows of the index are merged
    assert after == before[OTHER]
    assert files_with(path.parent, MARKER) == []
    assert _ledger(path) == ledger
    assert len(json.loads(ralph(home, "timelines", "--json").stdout)) == 1


def _ledger(path: Path) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute(
            "SELECT timeline, attempt, input, output, nano_usd FROM attempts ORDER BY 1, 2"
        ).fetchall()


def test_what_is_not_saved_leaves_no_cached_answer(home: Path) -> None:
    ask(home, OTHER)
    ask(home, MARKER, "--no-save", "-c")
    ask(home, MARKER, "--no-save")
    path = Path(ralph(home, "db", "path").stdout.strip())
    assert holding(path, MARKER) == {}
    assert "answers.data" in holding(path, OTHER)


def test_a_deletion_names_the_copies_that_it_does_not_reach(home: Path) -> None:
    ask(home, MARKER)
    path = Path(ralph(home, "db", "path").stdout.strip())
    assert "copies" not in ralph(home, "delete", "last").stdout
    ask(home, MARKER)
    copy = path.with_name("ralph.before-3.db")
    copy.write_bytes(b"")
    assert str(copy) in ralph(home, "delete", "last").stdout


def tool_turn(number: int, whole: bytes, *, attached: bytes | None = None) -> list[tuple[int, ev.Event]]:
    """A turn whose tool put out these bytes, and to which others may have been attached."""
    made = turn(number, "what is it?", "A thing.")
    end = next(n for n, (_, e) in enumerate(made) if isinstance(e, ev.ToolFinished))
    made[end] = (number, ev.ToolFinished(f"{number}.3c1", "ok", "head", blob=name_of(whole)))
    if attached is not None:
        file = ev.Attachment("a.png", "image/png", name_of(attached), len(attached))
        made[0] = (number, ev.TurnStarted("what is it?", attachments=(file,)))
    return made


def name_of(data: bytes) -> str:
    return sha256(data).hexdigest()


async def put(store: SqliteStore, timeline: str, *blobs: bytes, attached: bytes | None = None) -> list[Envelope]:
    events = [opened()]
    for number, blob in enumerate(blobs, start=1):
        events += tool_turn(number, blob, attached=attached)
    log = envelopes(events, timeline)
    every = [*blobs, *([attached] if attached is not None else [])]
    await store.log.append(log, {name_of(b): b for b in every})
    return log


async def there(store: SqliteStore, blobs: Sequence[bytes]) -> list[bytes]:
    found = []
    for blob in blobs:
        with contextlib.suppress(NotFound):
            found.append(await store.log.blob(name_of(blob)))
    return found


async def test_bytes_that_another_timeline_has_too_stay_until_the_last_of_them_goes(store: SqliteStore) -> None:
    await put(store, FIRST, b"own", b"shared", attached=b"picture")
    await put(store, SECOND, b"shared")
    every = [b"own", b"shared", b"picture"]
    assert await there(store, every) == every
    await store.remove(FIRST)
    assert await there(store, every) == [b"shared"]
    await store.remove(SECOND)
    assert await there(store, every) == []


async def test_a_fork_that_goes_leaves_what_it_inherited(store: SqliteStore) -> None:
    log = await put(store, FIRST, b"inherited")
    fork = ev.TimelineOpened("fork", ev.ForkPoint(FIRST, log[-1].seq, 1))
    own = envelopes([(0, fork), *tool_turn(2, b"the fork's")], FORK, log[-1].seq)
    await store.log.append(own, {name_of(b"the fork's"): b"the fork's"})
    await store.remove(FORK)
    assert await there(store, [b"inherited", b"the fork's"]) == [b"inherited"]
    await store.log.append(own, {name_of(b"the fork's"): b"the fork's"})
    await store.remove(FIRST, with_forks=True)
    assert await there(store, [b"inherited", b"the fork's"]) == []


async def test_references_are_remade_from_the_events(store: SqliteStore) -> None:
    await put(store, FIRST, b"own", b"shared", attached=b"picture")
    await put(store, SECOND, b"shared")
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        rows = other.execute("SELECT * FROM blob_refs ORDER BY 1, 2").fetchall()
        other.execute("DELETE FROM blob_refs WHERE timeline = ?", (FIRST,))
        other.execute("INSERT INTO blob_refs VALUES ('gone', 'x'), (?, 'no longer')", (SECOND,))
        other.commit()
    await store.rebuild()
    with contextlib.closing(sqlite3.connect(store.path)) as other:
        assert other.execute("SELECT * FROM blob_refs ORDER BY 1, 2").fetchall() == rows
        other.execute("DROP TABLE blob_refs")
    await store.rebuild()
    await store.remove(FIRST)
    assert await there(store, [b"own", b"shared"]) == [b"shared"]


async def test_an_answer_goes_with_the_timeline_that_it_was_made_for(store: SqliteStore) -> None:
    await put(store, FIRST)
    await put(store, SECOND)
    for timeline in (FIRST, SECOND, "neversaved"):
        await store.answers.keep(f"key of {timeline}", "words", 1000, timeline)
    await store.remove(FIRST)
    found = [await store.answers.find(f"key of {timeline}", 60) for timeline in (FIRST, SECOND, "neversaved")]
    assert found == [None, "words", None]


async def test_torn_lines_of_the_prompt_history_go_too(store: SqliteStore) -> None:
    await put(store, FIRST)
    store.prompts.append("mine", "2026", SECOND)
    with store.prompts.path.open("a") as file:
        file.write(f'{{"at": "2026", "timeline": "{FIRST}", "prompt": "secr')
    store.prompts.append("more", "2026", SECOND)
    await store.remove(FIRST)
    assert "secr" not in store.prompts.path.read_text()
    assert store.prompts.read() == ["mine", "more"]


async def of_version_5(path: Path, *, damaged: bool = False) -> None:
    """As the version before left it: a blob that is used, one of a timeline that was deleted, a cached answer."""
    with contextlib.closing(sqlite3.connect(path)) as old:
        for number, sql in migrations()[:5]:
            old.executescript(f"{sql}\nPRAGMA user_version={number};")
        old.execute("INSERT INTO timelines VALUES (?, '', NULL, 0, 0, '', '')", (FIRST,))
        row = "INSERT INTO events VALUES (?, ?, 1, '', 0, ?, 1, ?)"
        old.execute(row, (FIRST, 1, "turn.started", json.dumps({"attachments": [{"sha256": "picture"}]})))
        old.execute(row, (FIRST, 2, "tool.finished", json.dumps({"blob": "output"})))
        old.execute(row, (FIRST, 3, "tool.finished", json.dumps({"blob": None})))
        if damaged:
            old.execute(row, (FIRST, 4, "tool.finished", '{"blob": "orp'))
        for name in ("picture", "output", "orphan"):
            old.execute("INSERT INTO blobs VALUES (?, 1, ?)", (name, MARKER))
        old.execute("INSERT INTO answers VALUES ('key', 1, 1, ?)", (MARKER,))
        old.commit()


@pytest.mark.parametrize("damaged", [False, True])
async def test_a_database_of_the_version_before_gets_its_references_and_loses_what_nobody_refers_to(
    tmp_path: Path, damaged: bool
) -> None:
    path = tmp_path / "ralph.db"
    await of_version_5(path, damaged=damaged)
    store = await SqliteStore.open(path, FrozenClock())
    # A row that cannot be read may be the one that names the bytes.
    left = {"blobs.data": 3 if damaged else 2}
    assert holding(path, MARKER) == left
    await store.remove(FIRST)
    await store.close()
    assert holding(path, MARKER) == ({"blobs.data": 1} if damaged else {})


async def test_no_byte_stays_in_pages_that_were_balanced(tmp_path: Path) -> None:
    """Rows of many sizes, in turns: SQLite moves cells between pages, and leaves copies in the room between them."""
    path = tmp_path / "ralph.db"
    store = await SqliteStore.open(path, FrozenClock())
    names = [f"t{n:09d}" for n in range(10)]
    ends = dict.fromkeys(names, 0)
    for k in range(60):
        name = names[k * 7 % 10]
        word = f"mark{name}x "
        events = turn(k + 1, word * (k * 37 % 300 + 1), word * (k * 91 % 600 + 1))
        events = events if ends[name] else [opened(word), *events]
        await store.log.append(envelopes(events, name, ends[name]))
        ends[name] += len(events)
        await store.answers.keep(str(k), word * (k * 53 % 900 + 1), 1 << 26, name)
    for name in names[::2]:
        await store.remove(name)
    assert store.unreached == ()
    for name in names[::2]:
        assert files_with(tmp_path, f"mark{name}x") == []
    await store.close()


async def test_a_reader_that_keeps_the_old_bytes_is_told(store: SqliteStore) -> None:
    await put(store, FIRST, b"own")
    with contextlib.closing(sqlite3.connect(store.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        await store.remove(FIRST)
    assert "ralph db vacuum" in store.unreached[0]
    await store.vacuum()
    assert files_with(store.path.parent, "what is it?") == []


def test_copies_are_found_whatever_the_database_is_called(tmp_path: Path) -> None:
    for name in ("a[1].db", "a[1].before-5.db", "a1.before-5.db"):
        (tmp_path / name).touch()
    assert deletion.copies(tmp_path / "a[1].db") == [tmp_path / "a[1].before-5.db"]
