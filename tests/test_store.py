"""The database file: created, migrated, refused, written by one thread, read by many."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
import sqlite3
import threading

import pytest

from custom_components.rhythmiq import store as store_module
from custom_components.rhythmiq.forgetting import Scope, forget
from custom_components.rhythmiq.store import (
    APPLICATION_ID,
    MIGRATIONS,
    Store,
    StoredRecommendation,
    StoreError,
)

TABLES = {
    *("tracks", "aliases", "features", "genres", "track_genres", "recommendations"),
    *("interactions", "preferences", "models"),
}
VERSION_1 = Path(__file__).parent / "store_version_1.sql"


@pytest.fixture(autouse=True)
def custom_integrations() -> None:
    """Do without Home Assistant, which the fixture of this name would start."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rhythmiq.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    store.open()
    yield store
    store.close()


def pragma(store: Store, name: str) -> object:
    return store.write(lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0])


def test_a_new_file(store: Store, path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0  # nobody else may read it
    assert pragma(store, "journal_mode") == "wal"
    assert pragma(store, "synchronous") == 2  # FULL
    assert pragma(store, "foreign_keys") == 1
    assert pragma(store, "user_version") == len(MIGRATIONS)
    assert pragma(store, "application_id") == APPLICATION_ID
    tables = store.read(lambda connection: connection.execute("PRAGMA table_list").fetchall())
    strict = {name: bool(is_strict) for _, name, _, _, _, is_strict in tables}
    assert {name for name in strict if not name.startswith("sqlite_")} == TABLES
    assert all(strict[name] for name in TABLES)


def columns(store: Store, table: str) -> set[tuple[str, str, int]]:
    """Return (name, type, is NOT NULL) of each column."""
    rows = store.read(
        lambda connection: connection.execute(f"PRAGMA table_info({table})").fetchall()
    )
    return {row[1:4] for row in rows}


def test_every_fact_says_where_it_comes_from(store: Store) -> None:
    vocabulary_and_our_own_word = {"genres", "recommendations", "models"}
    for table in TABLES - vocabulary_and_our_own_word:
        assert ("source", "TEXT", 1) in columns(store, table), table


def test_what_was_written_is_there_after_reopening(store: Store) -> None:
    store.save_recommendation("a", 1.5, "local", {}, [])
    store.close()
    store.close()
    store.open()
    assert store.recommendation("a") == StoredRecommendation("a", 1.5, "local", {}, [])


def test_recommendations_are_read_as_written(store: Store) -> None:
    context = {"noise_level": 41.5, "weather": "rainy", "gone": None}
    tracks = [{"uri": "spotify:track:1", "title": "Žluťoučký", "reasons": [{"amount": 0.5}]}]
    store.save_recommendation("a", 10.0, "cloud", context, tracks)
    store.save_recommendation("b", 30.0, "local", {}, [])
    store.save_recommendation("c", 20.0, "local", {}, [])
    assert store.recommendation("a") == StoredRecommendation("a", 10.0, "cloud", context, tracks)
    store.save_recommendation("d", 5.0, "local", {}, [], speakers=["RINCON_1", "RINCON_2"])
    found = store.recommendation("d")
    assert found is not None
    assert found.speakers == ("RINCON_1", "RINCON_2")
    assert store.recommendation("none") is None
    assert [found.id for found in store.latest_recommendations(2)] == ["b", "c"]


def test_a_recommendation_grows(store: Store) -> None:
    store.save_recommendation("a", 10.0, "local", {}, [{"uri": "1"}])
    store.extend_recommendation("a", [{"uri": "2"}, {"uri": "3"}])
    store.extend_recommendation("forgotten", [{"uri": "4"}])
    found = store.recommendation("a")
    assert found is not None
    assert found.tracks == [{"uri": "1"}, {"uri": "2"}, {"uri": "3"}]
    assert store.recommendation("forgotten") is None


def test_a_recommendation_is_given_again(store: Store) -> None:
    """Whose it was goes along: who is forgotten takes all of it along."""
    tracks = [{"uri": "1"}]
    store.save_recommendation("a", 10.0, "local", {"mood": 1}, tracks, listeners=["Ada"])
    store.repeat_recommendation("a", "b", 20.0, ["RINCON_1"])
    store.repeat_recommendation("forgotten", "c", 20.0, ["RINCON_1"])
    assert store.recommendation("b") == StoredRecommendation(
        "b", 20.0, "local", {"mood": 1}, tracks, ("RINCON_1",)
    )
    assert store.recommendation("c") is None
    forgotten = store.write(partial(forget, scope=Scope(listener="Ada")))
    assert forgotten.recommendations == 2


def test_an_id_is_given_once(store: Store) -> None:
    store.save_recommendation("a", 1.0, "local", {"mood": 1}, [])
    with pytest.raises(StoreError, match="store_failed"):
        store.save_recommendation("a", 2.0, "local", {}, [])
    found = store.recommendation("a")
    assert found is not None
    assert found.context == {"mood": 1}


def test_a_recommendation_that_json_cannot_hold(store: Store) -> None:
    with pytest.raises(ValueError, match="JSON"):
        store.save_recommendation("a", 1.0, "local", {"noise_level": float("nan")}, [])
    assert store.recommendation("a") is None


def test_a_failing_write_leaves_nothing(store: Store) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO genres (name) VALUES ('polka')")
        raise LookupError("stop")

    with pytest.raises(LookupError, match="stop"):
        store.write(fail)
    count = store.read(
        lambda connection: connection.execute("SELECT count(*) FROM genres").fetchone()
    )
    assert count == (0,)


def test_writes_happen_on_one_thread_in_turn(store: Store) -> None:
    threads: set[int] = set()

    def write(connection: sqlite3.Connection) -> None:
        threads.add(threading.get_ident())
        (count,) = connection.execute("SELECT count(*) FROM genres").fetchone()
        connection.execute("INSERT INTO genres (name) VALUES (?)", (f"genre {count}",))

    def work() -> None:
        for _ in range(20):
            store.write(write)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(threads) == 1
    assert threads != {threading.get_ident()}
    count = store.read(
        lambda connection: connection.execute("SELECT count(*) FROM genres").fetchone()
    )
    assert count == (80,)


def test_readers_see_one_moment_and_cannot_write(store: Store) -> None:
    def read(connection: sqlite3.Connection) -> tuple[int, int]:
        def count() -> int:
            return int(connection.execute("SELECT count(*) FROM genres").fetchone()[0])

        before = count()
        store.write(lambda writer: writer.execute("INSERT INTO genres (name) VALUES ('polka')"))
        return before, count()

    assert store.read(read) == (0, 0)
    with pytest.raises(StoreError, match="readonly"):
        store.read(lambda connection: connection.execute("DELETE FROM genres"))


def test_references_are_kept(store: Store) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        store.write(
            lambda connection: connection.execute(
                "INSERT INTO aliases VALUES ('spotify:track:1', 7, 'user')"
            )
        )


def test_a_closed_store_says_so(path: Path) -> None:
    store = Store(path)
    for use in (store.read, store.write):
        with pytest.raises(StoreError) as refusal:
            use(lambda _: None)
        assert refusal.value.key == "store_closed"


@pytest.mark.parametrize(
    "content",
    [b"not a database", b"not a database" * 1000, b"SQLite format 3\0" + b"\xff" * 5000],
    ids=["short", "text", "broken header"],
)
def test_a_damaged_file_is_refused_and_kept(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError) as refusal:
        Store(path).open()
    assert refusal.value.key == "store_corrupt"
    assert refusal.value.placeholders == {"path": str(path)}
    assert path.read_bytes() == content


def test_a_newer_file_is_refused_and_kept(store: Store, path: Path) -> None:
    newer = len(MIGRATIONS) + 1
    store.write(lambda connection: connection.execute(f"PRAGMA user_version = {newer}"))
    store.close()
    content = path.read_bytes()
    with pytest.raises(StoreError) as refusal:
        store.open()
    assert refusal.value.key == "store_newer"
    assert refusal.value.placeholders == {
        "path": str(path),
        "found": str(newer),
        "known": str(len(MIGRATIONS)),
    }
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_kept(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE states (state TEXT)")
    connection.close()
    content = path.read_bytes()
    with pytest.raises(StoreError, match="store_foreign"):
        Store(path).open()
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refusal:
        Store(tmp_path / "none" / "rhythmiq.db").open()
    assert refusal.value.key == "store_failed"
    assert refusal.value.placeholders["error"] == "No such file or directory"


def add_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT")


def fail_half_way(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT")
    connection.execute("CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT")


def test_an_older_file_is_migrated_step_by_step(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_recommendation("a", 1.0, "local", {}, [])
    store.close()
    monkeypatch.setattr(store_module, "MIGRATIONS", (*MIGRATIONS, add_table, fail_half_way))
    with pytest.raises(StoreError, match="half"):
        store.open()

    monkeypatch.setattr(store_module, "MIGRATIONS", (*MIGRATIONS, add_table))
    store.open()
    assert pragma(store, "user_version") == len(MIGRATIONS) + 1
    assert store.recommendation("a") is not None
    names = store.read(
        lambda connection: connection.execute("SELECT name FROM sqlite_schema").fetchall()
    )
    assert ("later",) in names
    assert ("half",) not in names


def test_a_file_of_the_first_format_keeps_everything(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    tables = TABLES - {"interactions", "preferences", "models"}
    before = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    connection.close()
    assert all(before.values())

    store = Store(path)
    store.open()
    assert pragma(store, "user_version") == len(MIGRATIONS)
    for table in tables - {"recommendations"}:
        kept = store.read(
            lambda connection, table=table: connection.execute(  # type: ignore[misc]
                f"SELECT * FROM {table}"
            ).fetchall()
        )
        assert kept == before[table]
    (recommended,) = store.latest_recommendations(9)
    assert recommended.id == "01KAGZ0000000000000000000A"
    assert recommended.context == {"noise_level": 34.0}
    assert recommended.tracks[0]["title"] == "Invented Song"
    assert recommended.speakers == ()
    store.close()
    created = Store(path.with_name("new.db"))
    created.open()
    schemas = []
    for each in (path, created.path):
        connection = sqlite3.connect(each)
        schemas.append(set(connection.execute("SELECT type, name, sql FROM sqlite_schema")))
        connection.close()
    created.close()
    assert schemas[0] == schemas[1]


def test_scratch_files_go_with_their_use(store: Store, path: Path) -> None:
    with store.scratch() as scratch:
        scratch.write_bytes(b"x")
        assert scratch.parent == path.parent
    assert not scratch.exists()
    scratch.write_bytes(b"left by a process that died")
    store.close()
    store.open()
    assert not scratch.exists()


def test_recommendations_are_not_kept_for_ever(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "KEPT_RECOMMENDATIONS", 3)
    for number in range(5):
        store.save_recommendation(f"id{number}", 100.0 + number, "local", {}, [])
    assert [kept.id for kept in store.latest_recommendations(9)] == ["id4", "id3", "id2"]
    store.save_recommendation("later", 104.0 + store_module.KEPT_SECONDS, "local", {}, [])
    assert [kept.id for kept in store.latest_recommendations(9)] == ["later", "id4"]
