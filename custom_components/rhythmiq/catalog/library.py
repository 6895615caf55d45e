"""The catalog as the rest of the house sees it."""

from collections.abc import Callable, Sequence
from pathlib import Path
import sqlite3
import threading
from typing import Final

import numpy as np
import numpy.typing as npt

from ..engine.catalog import Catalog
from ..engine.features import FEATURE_NAMES
from ..store import Provenance, Store
from .errors import ImportRefusedError, RowRefusedError
from .identity import playable_uri
from .importing import import_file
from .report import ImportProgress, ImportReport
from .search import FoundTrack, by_artist, search

# Who is believed when several sources know a feature, the least first.
_TRUST: Final = (
    Provenance.OPEN_DATA,
    Provenance.RECCOBEATS,
    Provenance.SPOTIFY,
    Provenance.PLAYER,
    Provenance.USER,
)
_TRACK_NUMBERS: Final = ("duration_ms", "release_year")  # the others are in the table features
_FEATURE_COLUMNS: Final = tuple(name for name in FEATURE_NAMES if name not in _TRACK_NUMBERS)
_CHUNK_ROWS: Final = 4096
_GENRE_SEPARATOR: Final = "\x1f"


class TrackLibrary:
    """The tracks in the store; every method blocks and belongs into the executor."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._import_lock = threading.Lock()
        self._load_lock = threading.Lock()
        self._catalog: Catalog | None = None

    def count(self) -> int:
        """Return the number of recordings."""
        return self._store.read(
            lambda connection: int(connection.execute("SELECT count(*) FROM tracks").fetchone()[0])
        )

    def load(self) -> Catalog:
        """Return all tracks, sorted by uri; the same object until an import changes them."""
        with self._load_lock:
            if self._catalog is None:
                self._catalog = self._store.read(_read_catalog)
            return self._catalog

    def resolve(self, uris: Sequence[str]) -> tuple[str, ...]:
        """Return the uris under which the catalog has these tracks.

        Takes what people paste: Spotify ids and links, and ids that were found to be another
        track's recording. What the catalog does not know comes back as it was.
        """
        return self._store.read(lambda connection: tuple(_own_uri(connection, uri) for uri in uris))

    def search(self, query: str, limit: int) -> list[FoundTrack]:
        """Return at most ``limit`` tracks whose title and artist hold all words, best first."""
        return self._store.read(lambda connection: search(connection, query, limit))

    def by_artist(self, artist: str, limit: int) -> list[FoundTrack]:
        """Return at most ``limit`` tracks that name this artist, best known first."""
        return self._store.read(lambda connection: by_artist(connection, artist, limit))

    def import_file(
        self, path: Path, on_progress: Callable[[ImportProgress], None]
    ) -> ImportReport:
        """Import a file that `check_importable` has returned.

        `on_progress` is called in this thread, at most twice a second; what it raises ends the
        import. Whatever ends it early, the catalog stays as it was. Raises `ImportRefusedError`
        for a file that cannot be used and `StoreError` for a database that cannot.
        """
        if not self._import_lock.acquire(blocking=False):
            raise ImportRefusedError("import_running")
        try:
            report = import_file(self._store, path, on_progress)
        finally:
            self._import_lock.release()
        if report.new or report.updated:
            with self._load_lock:
                self._catalog = None
        return report


def _own_uri(connection: sqlite3.Connection, text: str) -> str:
    try:
        uri = playable_uri(text)
    except RowRefusedError:
        return text
    own = connection.execute(
        "SELECT tracks.uri FROM aliases JOIN tracks ON tracks.id = track WHERE aliases.uri = ?",
        (uri,),
    ).fetchone()
    return uri if own is None else str(own[0])


def _read_catalog(connection: sqlite3.Connection) -> Catalog:
    tracks = connection.execute(
        "SELECT id, duration_ms, release_year, uri, title, coalesce(artist, ''),"
        " coalesce(album, ''), explicit FROM tracks ORDER BY uri"
    ).fetchall()
    ids, durations, years, uris, titles, artists, albums, explicit = (
        zip(*tracks, strict=True) if tracks else ((),) * 8
    )
    row_of = np.zeros(max(ids, default=0) + 1, dtype=np.intp)
    row_of[list(ids)] = np.arange(len(ids))
    features = np.full((len(ids), len(FEATURE_NAMES)), np.nan, dtype=np.float32)
    features[:, FEATURE_NAMES.index("duration_ms")] = durations
    features[:, FEATURE_NAMES.index("release_year")] = years
    _fill_features(connection, row_of, features)
    return Catalog.from_arrays(
        features,
        FEATURE_NAMES,
        uri=uris,
        title=titles,
        artist=artists,
        album=albums,
        genre=_read_genres(connection, row_of, len(ids)),
        explicit=[None if flag is None else bool(flag) for flag in explicit],
    )


def _fill_features(
    connection: sqlite3.Connection, row_of: npt.NDArray[np.intp], features: npt.NDArray[np.float32]
) -> None:
    """Write what the sources know into `features`, the most trusted source last."""
    columns = np.array([FEATURE_NAMES.index(name) for name in _FEATURE_COLUMNS])
    statement = f"SELECT track, {', '.join(_FEATURE_COLUMNS)} FROM features WHERE source = ?"  # noqa: S608 (our own column names)
    for source in _TRUST:
        cursor = connection.execute(statement, (source,))
        while chunk := cursor.fetchmany(_CHUNK_ROWS):
            block = np.array(chunk, dtype=np.float64)  # None becomes NaN
            at = np.ix_(row_of[block[:, 0].astype(np.intp)], columns)
            values = block[:, 1:]
            features[at] = np.where(np.isnan(values), features[at], values)


def _read_genres(
    connection: sqlite3.Connection, row_of: npt.NDArray[np.intp], n_tracks: int
) -> list[tuple[str, ...]]:
    genres: list[tuple[str, ...]] = [()] * n_tracks
    lists: dict[str, tuple[str, ...]] = {}  # few distinct ones, shared by many tracks
    for track, joined in connection.execute(
        "SELECT track, group_concat(name, ? ORDER BY name)"
        " FROM track_genres JOIN genres ON genres.id = genre GROUP BY track",
        (_GENRE_SEPARATOR,),
    ):
        if joined not in lists:
            lists[joined] = tuple(joined.split(_GENRE_SEPARATOR))
        genres[row_of[track]] = lists[joined]
    return genres
