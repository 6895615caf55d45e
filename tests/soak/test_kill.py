"""A sample of the kills, and that their check notices what it is there for."""

from collections.abc import Iterator
from pathlib import Path
import sqlite3

import pytest
import pytest_socket

from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.const import DATABASE
from custom_components.rhythmiq.learning import Learning
from custom_components.rhythmiq.store import Store
from soak.kill import LostError, Truth, check, kill, main, soak
from soak.writer import Told

INVENTED = """
INSERT INTO interactions
    (happened, kind, title, weight, speakers, listeners, context, source, created)
    VALUES (0, 'started', 'mine', 0, '[]', '[]', '{}', 'user', 0)
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """Return a home that wrote until it was killed, and what it acknowledged."""
    pytest_socket.socket_allow_hosts(
        ["127.0.0.1"], allow_unix_socket=True
    )  # reaches the forkserver
    folder, truth = tmp_path_factory.mktemp("home"), Truth()
    for told in kill(folder, "written", 1.5, at_once=False):
        truth.take(told)
    store = Store(folder / DATABASE)
    store.open()
    Learning(store, TrackLibrary(store)).rebuild()
    store.close()
    return folder, truth


@pytest.fixture
def home(written: tuple[Path, Truth], tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Return a copy of that home's database, to be spoiled."""
    folder, _ = written
    with (
        sqlite3.connect(folder / DATABASE) as source,
        sqlite3.connect(tmp_path / DATABASE) as copy,
    ):
        source.backup(copy)
        yield copy


def test_a_sample(loopback_sockets: None, tmp_path: Path) -> None:
    figures = soak(tmp_path / "home", 1, 3)
    assert figures.kills == 3
    assert figures.writes > 10
    assert figures.during


def test_it_wrote_all_kinds(written: tuple[Path, Truth]) -> None:
    folder, truth = written
    assert {kind for _, kind in truth.rows} >= {"started", "rated"}
    assert truth.tracks
    assert truth.recommendations
    assert check(folder, truth)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (
            "DELETE FROM interactions WHERE id = 2",
            r"\d+ lost rows",
        ),  # a rating goes with what took it back
        ("UPDATE interactions SET reward = 0.123 WHERE id = 2", "1 changed rows"),
        (INVENTED, "1 rows that nobody wrote"),
        ("DELETE FROM tracks WHERE uri LIKE '%written%' AND id % 2", "half imports"),
        ("DELETE FROM recommendations", "lost recommendations"),
        (
            "INSERT INTO track_genres SELECT track, 9999, source FROM track_genres LIMIT 1",
            "foreign_key_check",
        ),
        ("UPDATE models SET outcomes = outcomes + 1", "other outcomes"),
        (
            "UPDATE interactions SET listeners = '[\"01BEN\"]' WHERE kind != 'rated'",
            "made anew are",
        ),
    ],
)
def test_what_is_wrong_is_noticed(
    home: sqlite3.Connection,
    written: tuple[Path, Truth],
    tmp_path: Path,
    spoil: str,
    complaint: str,
) -> None:
    _, truth = written
    home.execute("DROP TRIGGER interactions_are_appended")
    home.execute(f"PRAGMA foreign_keys = {'ON' if spoil.startswith('DELETE') else 'OFF'}")
    home.execute(spoil)
    home.commit()
    with pytest.raises(LostError, match=complaint):
        check(tmp_path, truth)


def test_the_command_line(loopback_sockets: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--kills", "1", "--seed", "3"]) == 0
    assert "killed 1 times" in capsys.readouterr().out


def test_a_loss_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A home that acknowledges what it did not write is found out."""
    monkeypatch.setattr(
        "soak.kill.kill",
        lambda *_, **__: [Told("listen", done=True, kept=(("a", "started", None),))],
    )
    assert main(["--kills", "1"]) == 1
    assert "lost rows, such as ('a', 'started')" in capsys.readouterr().err
