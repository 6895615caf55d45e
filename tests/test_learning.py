"""The model of what listeners like, and what it is made of."""

from collections.abc import Callable, Iterator
import logging
from pathlib import Path
import random
import sqlite3
from typing import override

import numpy as np
import pytest

from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.engine import Catalog
from custom_components.rhythmiq.engine.ids import UNKNOWN, artist_id, stable_id, track_id
from custom_components.rhythmiq.engine.rewards import Kind
from custom_components.rhythmiq.engine.situation import CONTEXT_COLUMNS, TRACK_COLUMNS, track_rows
from custom_components.rhythmiq.interactions import Interaction, Interactions
from custom_components.rhythmiq.learning import SAVE_AFTER, Learning, outcomes
from custom_components.rhythmiq.store import Store

TRACKS = 40
ADA, BEN = "01ADA", "01BEN"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "rhythmiq.db")
    store.open()
    yield store
    store.close()


def write_tracks(path: Path, energy: float = 0.0) -> Path:
    lines = ["uri,title,artist,energy,tempo,genre"]
    lines += [
        f"spotify:track:{number:022d},Song {number},Artist {number % 5},"
        f"{(number / TRACKS + energy) % 1},{80 + number},{'jazz' if number % 2 else 'pop'}"
        for number in range(TRACKS)
    ]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def tracks(store: Store, tmp_path: Path) -> TrackLibrary:
    library = TrackLibrary(store)
    library.import_file(write_tracks(tmp_path / "tracks.csv"), lambda _: None)
    return library


def happened(number: int, **more: object) -> Interaction:
    """Return an invented outcome; Ada likes what is loud."""
    chance = random.Random(number)
    track = chance.randrange(TRACKS)
    fields: dict[str, object] = {
        "happened": 1e9 + 60.0 * number,
        "kind": Kind.FINISHED,
        "uri": f"spotify:track:{track:022d}",
        "artist": f"Artist {track % 5}",
        "reward": float(chance.random() < track / TRACKS),
        "weight": 1.0,
        "listeners": chance.choice([[ADA], [BEN], [ADA, BEN], []]),
        "context": {"noise_level": chance.uniform(30, 70), "weather": "sunny"},
    }
    return Interaction(**(fields | more))  # type: ignore[arg-type]


def append(store: Store, *rows: Interaction) -> list[int]:
    return Interactions(store).append(rows, created=1e9)


def asked(learning: Learning) -> np.ndarray:
    """Return what the model expects of every track, for Ada."""
    catalog = learning._tracks.load()
    n = catalog.n_tracks
    with learning.model() as model:
        mean, deviation = model.predict(
            np.full(n, stable_id(ADA)),
            [track_id(uri) for uri in catalog.uri],
            [artist_id(artist) for artist in catalog.artist],
            track_rows(catalog, np.arange(n)),
            np.full((n, len(CONTEXT_COLUMNS)), np.nan),
        )
    return np.stack([mean, deviation])


def assert_as_rebuilt(learning: Learning, store: Store, tracks: TrackLibrary) -> None:
    anew = Learning(store, tracks)
    anew.rebuild()
    assert np.allclose(asked(learning), asked(anew), atol=1e-9)
    assert learning.learn().outcomes == anew.learn().outcomes


def test_it_learns_what_is_stored(store: Store, tracks: TrackLibrary) -> None:
    learning = Learning(store, tracks)
    before = asked(learning)
    append(store, *map(happened, range(200)))
    expected, _ = asked(learning)
    loud, quiet = expected[-10:].mean(), expected[:10].mean()
    assert loud > quiet + 0.2
    assert before.shape == (2, TRACKS)
    assert_as_rebuilt(learning, store, tracks)


def test_however_it_is_cut_it_is_what_a_rebuild_is(store: Store, tracks: TrackLibrary) -> None:
    learning = Learning(store, tracks)
    chance = random.Random(1)
    number = 0
    while number < 300:
        size = chance.choice([1, 1, 2, 60])
        append(store, *map(happened, range(number, number + size)))
        number += size
        learning.learn()
        if chance.random() < 0.1:
            learning = Learning(store, tracks)  # a restart; what was not saved is learned again
    assert_as_rebuilt(learning, store, tracks)


def test_a_start_goes_on_from_what_was_saved(store: Store, tracks: TrackLibrary) -> None:
    append(store, *map(happened, range(SAVE_AFTER)))
    first = Learning(store, tracks)
    known = first.learn()
    append(store, happened(1000))
    first.learn()
    first.save()

    def refuse(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE models SET last = last + 1000")

    store.write(refuse)  # so that nothing is left to be observed
    second = Learning(store, tracks)
    assert second.learn().created == known.created
    assert np.array_equal(asked(first), asked(second))


def test_what_is_not_saved_is_learned_again(store: Store, tracks: TrackLibrary) -> None:
    append(store, *map(happened, range(5)))
    first = Learning(store, tracks)
    first.learn()
    assert np.array_equal(asked(first), asked(Learning(store, tracks)))


def test_what_is_taken_back_was_never_learned(store: Store, tracks: TrackLibrary) -> None:
    ids = append(store, *map(happened, range(60)))
    learning = Learning(store, tracks)
    with_it = asked(learning)
    learning.save()
    retraction = happened(61, kind=Kind.RETRACTED, reward=None, weight=0.0, retracts=ids[3])
    append(store, retraction)
    assert not np.allclose(asked(learning), with_it)
    assert_as_rebuilt(learning, store, tracks)
    assert_as_rebuilt(Learning(store, tracks), store, tracks)


class Busy(Store):
    """A store into which something is written just before a query, as by another thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.queries = 0
        self.before: dict[int, Callable[[], object]] = {}  # by how many queries came before

    @override
    def read[T](self, query: Callable[[sqlite3.Connection], T]) -> T:
        number, self.queries = self.queries, self.queries + 1
        self.before.get(number, lambda: None)()
        return super().read(query)


@pytest.fixture
def busy(store: Store) -> Iterator[Busy]:
    busy = Busy(store.path)
    busy.open()
    yield busy
    busy.close()


@pytest.mark.parametrize("query", range(7))
@pytest.mark.parametrize("restart", [False, True])
def test_what_is_taken_back_while_it_learns(
    tracks: TrackLibrary, busy: Busy, query: int, restart: bool
) -> None:
    """Whenever it is stored: between what is taken back and what is new are several queries."""
    ids = append(busy, *map(happened, range(60)))
    learning = Learning(busy, tracks)
    learning.learn()
    learning.save()
    if restart:
        learning = Learning(busy, tracks)
    append(busy, *map(happened, range(100, 120)))

    def change_a_rating() -> None:
        back = happened(200, kind=Kind.RETRACTED, reward=None, weight=0.0, retracts=ids[3])
        append(busy, back, happened(201))

    busy.queries, busy.before = 0, {query: change_a_rating}
    learning.learn()
    learning.learn()
    assert busy.queries >= 5
    assert_as_rebuilt(learning, busy, tracks)


def test_new_features_make_a_new_model(store: Store, tracks: TrackLibrary, tmp_path: Path) -> None:
    append(store, *map(happened, range(60)))
    learning = Learning(store, tracks)
    before = asked(learning)
    learning.save()
    tracks.import_file(write_tracks(tmp_path / "again.csv", energy=0.3), lambda _: None)
    assert not np.allclose(asked(learning), before)
    assert_as_rebuilt(learning, store, tracks)
    assert_as_rebuilt(Learning(store, tracks), store, tracks)


def test_corrupt_bytes_are_made_anew(
    store: Store, tracks: TrackLibrary, caplog: pytest.LogCaptureFixture
) -> None:
    append(store, *map(happened, range(60)))
    before = asked(Learning(store, tracks))
    Learning(store, tracks).rebuild()
    store.write(lambda connection: connection.execute("UPDATE models SET data = x'00'"))
    caplog.set_level(logging.WARNING)
    assert np.allclose(asked(Learning(store, tracks)), before)
    assert "is made anew" in caplog.text


def test_a_home_without_a_catalog(store: Store) -> None:
    append(store, *map(happened, range(10)))
    learning = Learning(store, TrackLibrary(store))
    assert learning.learn().outcomes > 0


def test_what_somebody_likes_is_seen(store: Store, tracks: TrackLibrary) -> None:
    """Odd tracks are jazz, even ones pop; track n is by artist n mod 5."""
    for number in range(TRACKS):
        kind = Kind.FINISHED if number % 2 else Kind.SKIPPED
        uri = f"spotify:track:{number:022d}"
        reward = float(kind is Kind.FINISHED)
        append(
            store,
            happened(number, uri=uri, kind=kind, reward=reward, listeners=[ADA]),
            happened(number, uri=uri, kind=Kind.SKIPPED, reward=0.0, listeners=[BEN]),
            happened(number, uri=uri, kind=Kind.RATED, reward=0.0, listeners=[ADA]),
        )
    learning = Learning(store, tracks)
    found = {each.value: each for each in learning.likings(ADA)}
    assert found.keys() == {"jazz", "pop"}
    assert (found["jazz"].finished, found["jazz"].heard) == (20, 20)
    assert found["jazz"].weight > 0.5
    assert found["pop"].weight < -0.5
    assert learning.likings(BEN) == []


# -- rows -----------------------------------------------------------------------------------------


def rows_of(store: Store, catalog: Catalog) -> list[object]:
    (block,) = Interactions(store).blocks()
    return list(zip(*map(list, _columns(outcomes(block, catalog))), strict=True))


def _columns(rows: object) -> list[np.ndarray]:
    return [getattr(rows, name) for name in ("listener", "track", "artist", "reward", "when")]


def test_a_row_for_everybody_who_was_there(store: Store, tracks: TrackLibrary) -> None:
    append(store, happened(1, listeners=[ADA, BEN]), happened(2, listeners=[]))
    who = [row[0] for row in rows_of(store, tracks.load())]  # type: ignore[index]
    assert who == [stable_id(ADA), stable_id(BEN), UNKNOWN]


def test_a_weight_is_how_often_it_counts(store: Store, tracks: TrackLibrary) -> None:
    append(store, happened(1, listeners=[ADA], weight=3.0), happened(2, listeners=[ADA]))
    assert len(rows_of(store, tracks.load())) == 4


@pytest.mark.parametrize(
    "more", [{"uri": None}, {"reward": None, "weight": 0.0}, {"reward": 0.5, "weight": 0.0}]
)
def test_what_says_nothing_is_no_outcome(
    store: Store, tracks: TrackLibrary, more: dict[str, object]
) -> None:
    append(store, happened(1, **more))
    (block,) = Interactions(store).blocks()
    assert len(outcomes(block, tracks.load())) == 0
    assert Learning(store, tracks).learn().outcomes == 0


def test_what_the_catalog_lacks_is_known_by_name_only(store: Store, tracks: TrackLibrary) -> None:
    append(store, happened(1, uri="spotify:track:gone", listeners=[ADA]))
    (block,) = Interactions(store).blocks()
    rows = outcomes(block, tracks.load())
    assert rows.features.shape == (1, len(TRACK_COLUMNS))
    assert np.isnan(rows.features).all()
    assert rows.track.tolist() == [track_id("spotify:track:gone")]


def test_words_of_another_version_say_nothing(store: Store, tracks: TrackLibrary) -> None:
    strange = {"weather": "frogs", "aura": "blue", "noise_level": 40.0, "illuminance": "bright"}
    append(store, happened(1, context=strange, listeners=[ADA]))
    (block,) = Interactions(store).blocks()
    (line,) = outcomes(block, tracks.load()).context
    known = {name for name, value in zip(CONTEXT_COLUMNS, line, strict=True) if not np.isnan(value)}
    assert known == {"noise_level"}
