"""What the library promises to its callers, whatever happens meanwhile."""

from pathlib import Path
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading

import pytest

from custom_components.rhythmiq.catalog import (
    ImportProgress,
    ImportRefusedError,
    TrackLibrary,
    importing,
)
from custom_components.rhythmiq.engine.features import FEATURE_NAMES
from custom_components.rhythmiq.store import Store, StoreError

from .conftest import Import
from .tables import row, table, uri


def test_an_empty_library(library: TrackLibrary) -> None:
    catalog = library.load()
    assert (library.count(), catalog.n_tracks) == (0, 0)
    assert catalog.feature_names == FEATURE_NAMES


def test_rows_are_sorted_by_uri(import_text: Import, library: TrackLibrary) -> None:
    import_text(table(row(3), row(1), row(2, track_id="http://nas.example/a.mp3")))
    assert library.load().uri == ("http://nas.example/a.mp3", uri(1), uri(3))
    assert library.load().title == ("Glass Harbour 2", "Glass Harbour 1", "Glass Harbour 3")


def test_the_catalog_is_loaded_once_until_an_import_changes_it(
    import_text: Import, library: TrackLibrary
) -> None:
    import_text(table(row(1)))
    first = library.load()
    assert library.load() is first
    import_text(table(row(2)))
    assert library.load().n_tracks == 2


def test_progress_is_told_seldom_and_to_the_end(
    library: TrackLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tracks.csv"
    path.write_text(table(*[row(number) for number in range(3000)]))
    told: list[ImportProgress] = []
    library.import_file(path, told.append)
    assert len(told) <= 10
    size = path.stat().st_size
    assert told[-1] == ImportProgress(size, size, 3000)
    assert (told[0].fraction < 1, told[-1].fraction) == (True, 1)

    monkeypatch.setattr(importing, "PROGRESS_SECONDS", 0.0)
    often: list[ImportProgress] = []
    library.import_file(path, often.append)
    assert [progress.rows for progress in often] == [*range(1, 3001), 3000]


def test_the_callback_can_end_an_import(library: TrackLibrary, tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    path.write_text(table(row(1)))

    def stop(_: ImportProgress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        library.import_file(path, stop)
    assert library.count() == 0
    assert library.import_file(path, lambda _: None).new == 1


def test_one_import_at_a_time(library: TrackLibrary, tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    path.write_text(table(row(1)))
    refusals: list[str] = []

    def import_within(_: ImportProgress) -> None:
        with pytest.raises(ImportRefusedError) as refusal:
            library.import_file(path, lambda _: None)
        refusals.append(refusal.value.key)

    assert library.import_file(path, import_within).new == 1
    assert set(refusals) == {"import_running"}


def test_others_write_while_a_file_is_read(
    library: TrackLibrary, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "tracks.csv"
    path.write_text(table(row(1)))

    def write_meanwhile(_: ImportProgress) -> None:
        writer = threading.Thread(
            target=store.save_recommendation, args=("during", 1.0, "local", {}, [])
        )
        writer.start()
        writer.join(5)
        assert not writer.is_alive()

    seen: list[bool] = []

    def once(progress: ImportProgress) -> None:
        if not seen:
            seen.append(True)
            write_meanwhile(progress)

    library.import_file(path, once)
    assert store.recommendation("during") is not None


def test_a_full_disk_changes_nothing(
    import_text: Import, library: TrackLibrary, store: Store
) -> None:
    import_text(table(row(0)))
    pages = store.read(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])

    def limit(pages: int) -> None:
        store.write(
            lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()
        )

    limit(pages + 2)
    with pytest.raises(StoreError) as failure:
        import_text(table(*[row(number) for number in range(1, 2000)]))
    assert failure.value.key == "store_failed"
    assert library.load().uri == (uri(0),)
    limit(1_000_000)
    assert import_text(table(row(1))).new == 1


CHILD = """
    from pathlib import Path
    import sys
    import time

    from custom_components.rhythmiq.catalog import TrackLibrary, importing, merging
    from custom_components.rhythmiq.store import Store

    database, tracks, moment = sys.argv[1:]
    store = Store(Path(database))
    store.open()

    def stop_here(*_):
        print("ready", flush=True)
        time.sleep(60)

    if moment == "merged":  # everything is written, nothing committed
        merge = importing.merge
        importing.merge = lambda *arguments: stop_here(merge(*arguments))
    TrackLibrary(store).import_file(
        Path(tracks), stop_here if moment == "reading" else lambda _: None
    )
"""


@pytest.mark.parametrize("moment", ["reading", "merged"])
def test_a_killed_import_leaves_what_was_there(moment: str, tmp_path: Path) -> None:
    database, tracks = tmp_path / "rhythmiq.db", tmp_path / "tracks.csv"
    store = Store(database)
    store.open()
    tracks.write_text(table(row(1), row(2)))
    TrackLibrary(store).import_file(tracks, lambda _: None)
    store.close()
    # Enough for uncommitted pages to be in the log, not only in the dead process's memory.
    tracks.write_text(table(*[row(number, energy="0.9") for number in range(20_000)]))

    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), database, tracks, moment],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert (tmp_path / "rhythmiq.db.scratch").exists()
        if moment == "merged":
            assert (tmp_path / "rhythmiq.db-wal").stat().st_size > 1_000_000
        child.kill()
        assert child.wait() == -signal.SIGKILL

    store.open()
    try:
        assert not (tmp_path / "rhythmiq.db.scratch").exists()
        assert store.read(
            lambda connection: connection.execute("PRAGMA integrity_check").fetchall()
        ) == [("ok",)]
        library = TrackLibrary(store)
        assert library.load().uri == (uri(1), uri(2))
        assert library.load().column("energy").max() < 0.7
        report = library.import_file(tracks, lambda _: None)
        assert (report.new, report.updated) == (19_998, 2)
    finally:
        store.close()


def test_a_database_that_breaks_later_is_told_as_damaged(
    import_text: Import, library: TrackLibrary, store: Store, tmp_path: Path
) -> None:
    import_text(table(*[row(number) for number in range(500)]))
    store.close()
    path = tmp_path / "rhythmiq.db"
    with sqlite3.connect(path) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'tracks'"
        ).fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    path.write_bytes(content)

    store.open()
    with pytest.raises(StoreError) as failure:
        library.load()
    assert failure.value.key == "store_corrupt"
