"""What is forgotten is gone, to the last byte; what expired has taught."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import shutil
import sqlite3
from typing import Any

import numpy as np
import pytest

from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.engine.rewards import Kind
from custom_components.rhythmiq.forgetting import Forgotten, Scope, forget
from custom_components.rhythmiq.interactions import Interaction, Interactions
from custom_components.rhythmiq.learning import Learning
from custom_components.rhythmiq.listeners.preferences import Observed, Preferences
from custom_components.rhythmiq.store import Store, StoreError

ADA, BEN = "01ADASSECRETLIFE", "01BENSSECRETLIFE"
KITCHEN, ATTIC = "01KITCHEN", "01ATTIC"
DAY = 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "rhythmiq.db")
    store.open()
    yield store
    store.close()


@pytest.fixture
def tracks(store: Store, tmp_path: Path) -> TrackLibrary:
    library = TrackLibrary(store)
    library.import_file(write_tracks(tmp_path, 0), lambda _: None)
    return library


def write_tracks(folder: Path, energy: float) -> Path:
    path = folder / "tracks.csv"
    lines = ["uri,title,artist,energy,genre"]
    lines += [
        f"spotify:track:{n:022d},Song {n},Artist {n % 5},{(n / 40 + energy) % 1},jazz"
        for n in range(40)
    ]
    path.write_text("\n".join(lines))
    return path


def row(day: float, listeners: list[str], room: str = KITCHEN, **more: Any) -> Interaction:
    number = int(day * 7) % 40
    fields: dict[str, Any] = {
        "happened": day * DAY,
        "kind": Kind.FINISHED,
        "uri": f"spotify:track:{number:022d}",
        "artist": f"Artist {number % 5}",
        "reward": float(number > 20),
        "weight": 1.0,
        "room": room,
        "speaker": "RINCON_1",
        "listeners": listeners,
        "context": {"noise_level": 41.0625, "heart_rate": 137.0625},
        "recommendation": f"rec-{day:g}",
    }
    return Interaction(**(fields | more))


@pytest.fixture
def learning(store: Store, tracks: TrackLibrary) -> Learning:
    """Return a home of ten days: Ada alone, Ben alone, both, nobody, in two rooms."""
    happened: list[Interaction] = []
    for day in range(10):
        for listeners in ([ADA], [BEN], [ADA, BEN], []):
            room = ATTIC if day % 2 else KITCHEN
            happened.append(row(day + 0.1 * len(happened), listeners, room))
            store.save_recommendation(
                f"rec-{happened[-1].happened / DAY:g}",
                happened[-1].happened,
                "local",
                {"noise_level": 41.0625, "weather": "sunny"},
                [],
                listeners=listeners,
            )
    Interactions(store).append(happened, 0.0)
    Preferences(store, tracks.load).create(ADA, "tempo", "80-120")
    learning = Learning(store, tracks)
    learning.rebuild()
    return learning


def everything(store: Store) -> bytes:
    """Return all bytes of the database and of its log."""
    files = sorted(store.path.parent.glob(f"{store.path.name}*"))
    assert files
    return b"".join(path.read_bytes() for path in files)


def rows(store: Store, table: str = "interactions") -> list[dict[str, Any]]:
    def read(connection: sqlite3.Connection) -> list[dict[str, Any]]:
        connection.row_factory = sqlite3.Row
        return [dict(each) for each in connection.execute(f"SELECT * FROM {table}")]

    return store.read(read)


def erase(learning: Learning, **scope: Any) -> Forgotten:
    return learning.erase(lambda connection: forget(connection, Scope(**scope)))


def assert_learned_from_the_rest(learning: Learning, store: Store, tracks: TrackLibrary) -> None:
    anew = Learning(store, tracks)
    anew.rebuild()
    assert anew.learn().outcomes == learning.learn().outcomes
    with learning.model() as one, anew.model() as other:
        assert np.allclose(one.variances(), other.variances())


def test_a_listener(learning: Learning, store: Store, tracks: TrackLibrary) -> None:
    assert ADA.encode() in everything(store)
    gone = erase(learning, listener=ADA)
    assert gone == Forgotten(interactions=20, recommendations=20, preferences=1)
    assert ADA.encode() not in everything(store)
    left = rows(store)
    assert len(left) == 30
    shared = [each for each in left if each["listeners"] == f'["{BEN}"]']
    assert len(shared) == 20
    assert sum("heart_rate" in each["context"] for each in shared) == 10
    assert all("noise_level" in each["context"] for each in left)
    assert rows(store, "preferences") == []
    assert_learned_from_the_rest(learning, store, tracks)


def test_a_variable(learning: Learning, store: Store, tracks: TrackLibrary) -> None:
    assert b"137.0625" in everything(store)
    gone = erase(learning, variable="heart_rate")
    assert gone == Forgotten(interactions=40, recommendations=0, preferences=0)
    assert b"137.0625" not in everything(store)
    assert erase(learning, variable="noise_level") == Forgotten(40, 40, 0)
    assert b"41.0625" not in everything(store)
    assert {each["context"] for each in rows(store)} == {"{}"}
    assert {each["context"] for each in rows(store, "recommendations")} == {'{"weather":"sunny"}'}
    assert_learned_from_the_rest(learning, store, tracks)


@pytest.mark.parametrize(
    ("variable", "context"), [("heart_rate", {}), ("noise_level", {"noise_level": 41.5})]
)
def test_a_variable_that_was_a_reason(
    learning: Learning, store: Store, variable: str, context: dict[str, float]
) -> None:
    reasons = [
        {"key": "base", "amount": 0.5, "feature": None},
        {"key": variable, "amount": 0.1370625, "feature": "energy"},
    ]
    track = {"uri": "spotify:track:1", "score": 0.6370625, "reasons": reasons}
    store.save_recommendation("rec", 0.0, "local", context, [track], listeners=[ADA])
    before = erase(learning, variable="humidity")
    assert before == Forgotten(0, 0, 0)
    assert erase(learning, variable=variable, listener=ADA).recommendations >= 1
    kept = store.recommendation("rec")
    assert kept is not None
    (left,) = kept.tracks
    assert [each["key"] for each in left["reasons"]] == ["base"]
    assert left["score"] == pytest.approx(0.5)
    assert b"0.1370625" not in everything(store)


def test_what_was_learned_goes_with_what_it_was_learned_from(
    learning: Learning, store: Store, tracks: TrackLibrary
) -> None:
    preferences = Preferences(store, tracks.load)
    preferences.learn(ADA, [Observed("artist", "A Secret Passion", 14, 15, 0.8)])
    assert b"A Secret Passion" in everything(store)
    erase(learning, since=4 * DAY)
    assert b"A Secret Passion" not in everything(store)
    assert [each.value for each in preferences.of(ADA)] == ["80-120"]


def test_a_variable_of_one_room(learning: Learning, store: Store) -> None:
    gone = erase(learning, variable="noise_level", room=ATTIC)
    assert gone == Forgotten(interactions=20, recommendations=20, preferences=0)
    for each in rows(store):
        assert ("noise_level" in each["context"]) == (each["room"] == KITCHEN)


def test_a_variable_of_one_listener_in_a_range(learning: Learning, store: Store) -> None:
    gone = erase(learning, variable="heart_rate", listener=ADA, since=4 * DAY, until=6 * DAY)
    left = [each for each in rows(store) if "heart_rate" not in each["context"]]
    assert len(left) == gone.interactions > 0
    assert all(ADA in each["listeners"] for each in left)
    assert all(4 * DAY <= each["happened"] < 6 * DAY for each in left)


def test_a_range(learning: Learning, store: Store, tracks: TrackLibrary) -> None:
    before = len(rows(store))
    gone = erase(learning, since=3 * DAY, until=5 * DAY)
    assert gone.interactions == gone.recommendations == before - len(rows(store)) > 0
    assert not [each for each in rows(store) if 3 * DAY <= each["happened"] < 5 * DAY]
    assert_learned_from_the_rest(learning, store, tracks)


def test_a_room(learning: Learning, store: Store) -> None:
    assert erase(learning, room=KITCHEN) == Forgotten(20, 20, 0)
    assert {each["room"] for each in rows(store)} == {ATTIC}


def test_everything(learning: Learning, store: Store) -> None:
    erase(learning)
    assert rows(store) == rows(store, "recommendations") == []
    assert b"rec-" not in everything(store)
    assert learning.learn().outcomes == 0


def test_part_of_a_listeners_time_leaves_their_preferences(
    learning: Learning, store: Store
) -> None:
    assert erase(learning, listener=ADA, since=0.0).preferences == 0
    assert len(rows(store, "preferences")) == 1


def test_nobody_else_changes_what_happened(learning: Learning, store: Store) -> None:
    erase(learning, variable="heart_rate")
    with pytest.raises(StoreError, match="never changed"):
        store.write(lambda connection: connection.execute("UPDATE interactions SET reward = 1"))


def test_what_goes_wrong_forgets_nothing(learning: Learning, store: Store) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        forget(connection, Scope())
        raise ValueError("no")

    before = rows(store)
    with pytest.raises(ValueError, match="no"):
        learning.erase(fail)
    assert rows(store) == before
    assert learning.learn().outcomes == 50


def test_a_long_reader_is_told_of(
    learning: Learning, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(lambda connection: connection.execute("PRAGMA busy_timeout = 50"))
    reader = sqlite3.connect(store.path, autocommit=True)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM interactions").fetchone()
    with pytest.raises(StoreError, match="store_busy"):
        erase(learning, listener=ADA)
    reader.close()
    assert learning.learn().outcomes == 30
    erase(learning, listener=ADA)
    assert ADA.encode() not in everything(store)


# -- retention ------------------------------------------------------------------------------------


def test_what_expires_has_taught(
    learning: Learning, store: Store, tracks: TrackLibrary, tmp_path: Path
) -> None:
    with learning.model() as model:
        before = model.save()
    count = learning.expire(5 * DAY)
    assert count > 0
    assert min(each["happened"] for each in rows(store)) >= 5 * DAY
    assert min(each["created"] for each in rows(store, "recommendations")) >= 5 * DAY
    for keeper in (learning, Learning(store, tracks)):
        with keeper.model() as model:
            assert model.save() == before
    assert learning.expire(5 * DAY) == 0

    tracks.import_file(write_tracks(tmp_path, 0.4), lambda _: None)
    for keeper in (learning, Learning(store, tracks)):
        assert keeper.learn().outcomes == 50
    learning.rebuild()
    assert learning.learn().outcomes < 50
    assert_learned_from_the_rest(learning, store, tracks)


def test_forgetting_takes_what_expired_has_taught(learning: Learning, store: Store) -> None:
    learning.expire(5 * DAY)
    erase(learning, listener=ADA)
    assert learning.learn().outcomes < 30


def test_nothing_is_erased_while_the_file_is_copied(learning: Learning, store: Store) -> None:
    store.hold()
    before = store.path.read_bytes()
    with pytest.raises(StoreError, match="store_held"):
        erase(learning, listener=ADA)
    assert store.path.read_bytes() == before
    assert learning.learn().outcomes == 50
    store.release()
    erase(learning, listener=ADA)
    assert ADA.encode() not in everything(store)


# -- backups --------------------------------------------------------------------------------------


def test_a_copy_under_writes_is_a_database(
    learning: Learning, store: Store, tmp_path: Path
) -> None:
    """The file first, then the log, while rows are appended all the time."""
    interactions, kept = Interactions(store), len(rows(store))
    copy = tmp_path / "copy" / "rhythmiq.db"
    copy.parent.mkdir()
    running = True

    def write() -> int:
        written = 0
        while running:
            interactions.append([row(20 + written, [ADA])], 0.0)
            written += 1
        return written

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while len(rows(store)) < kept + 20:
            pass
        store.hold()
        before = len(rows(store))
        size = store.path.stat().st_size
        while len(rows(store)) < before + 20:
            pass
        shutil.copy(store.path, copy)
        while len(rows(store)) < before + 40:
            pass
        log = Path(f"{store.path}-wal").read_bytes()
        Path(f"{copy}-wal").write_bytes(log[: len(log) - 1000])  # as torn as a copy can be
        assert store.path.stat().st_size == size
        store.release()
        running = False
        written = writing.result()

    restored = Store(copy)
    restored.open()
    found = len(rows(restored))
    assert before + 20 <= found <= kept + written
    checked = restored.read(
        lambda connection: connection.execute("PRAGMA integrity_check").fetchone()
    )
    assert checked == ("ok",)
    restored.close()
