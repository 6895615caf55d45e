"""From a home's database to the file that a cloud ranks."""

from collections.abc import Iterator
from pathlib import Path
import sqlite3
import subprocess
import sys

import pytest

from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.engine import Catalog
from custom_components.rhythmiq.store import Store
from tests.catalog.tables import row, table, uri

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def custom_integrations() -> None:
    """Do without Home Assistant, which the fixture of this name would start."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Store]:
    """The open database of a running home, in a folder of its own."""
    folder = tmp_path / "config"
    folder.mkdir()
    tracks = folder / "tracks.csv"
    tracks.write_text(table(row(1), row(2)), encoding="utf-8")
    store = Store(folder / "rhythmiq.db")
    store.open()
    TrackLibrary(store).import_file(tracks, lambda _: None)
    yield store
    store.close()


def export(database: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.export_catalog", str(database), str(out)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refusal(database: Path, out: Path) -> str:
    """Return what the command says while it fails."""
    refused = export(database, out)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert not out.is_file()
    return refused.stderr.removeprefix("export_catalog: ").strip()


def test_writes_what_a_running_home_ranks_and_leaves_the_home_alone(
    home: Store, tmp_path: Path
) -> None:
    out = tmp_path / "catalog.npz"
    with home.scratch() as scratch:
        scratch.write_bytes(b"an import under way")
        before = {path: path.read_bytes() for path in home.path.parent.glob("*")}
        exported = export(home.path, out)
        del before[home.path.with_name("rhythmiq.db-shm")]  # where readers put their marks
        assert before == {path: path.read_bytes() for path in before}
    assert (exported.stdout, exported.stderr) == (f"{out}: 2 tracks\n", "")
    catalog = Catalog.load(out.read_bytes())
    assert catalog.uri == (uri(1), uri(2))
    assert catalog.save() == TrackLibrary(home).load().save()


def test_does_not_wait_for_a_write_under_way(home: Store, tmp_path: Path) -> None:
    def write(connection: sqlite3.Connection) -> str:
        connection.execute("DELETE FROM tracks")
        return export(home.path, tmp_path / "catalog.npz").stdout

    assert home.write(write).endswith("2 tracks\n")


def test_says_what_is_wrong_with_the_database(tmp_path: Path) -> None:
    out, database = tmp_path / "catalog.npz", tmp_path / "rhythmiq.db"
    assert refusal(database, out) == f"there is no file {database}"
    assert not database.exists()
    database.write_bytes(b"no database at all" * 100)
    assert refusal(database, out).startswith(f"the database {database} cannot be read: ")


def test_says_whose_database_it_is(tmp_path: Path) -> None:
    out, database = tmp_path / "catalog.npz", tmp_path / "other.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE other (value)")
    connection.close()
    content = database.read_bytes()
    assert refusal(database, out).startswith(f"{database} is the database of another program.")
    assert database.read_bytes() == content


def test_a_home_without_tracks_has_no_catalog(tmp_path: Path) -> None:
    store = Store(tmp_path / "rhythmiq.db")
    store.open()
    store.close()
    assert "no tracks in the database yet" in refusal(store.path, tmp_path / "catalog.npz")


def test_says_that_it_cannot_write(home: Store, tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "catalog.npz"
    assert str(out) in refusal(home.path, out)


def test_never_writes_over_the_database(home: Store) -> None:
    content = home.path.read_bytes()
    refused = export(home.path, home.path)
    assert refused.returncode == 2
    assert "must end in .npz" in refused.stderr
    assert home.path.read_bytes() == content
