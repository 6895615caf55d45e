"""The rows of one file, checked and gathered in a database of their own.

Nothing of the catalog is touched here: a file that turns out to be bad, or a process that dies,
leaves only a working file behind.
"""

from collections.abc import Iterator
from contextlib import closing
from itertools import batched
from pathlib import Path
import sqlite3
from typing import Final

from .rows import TrackRow

CHUNK_ROWS: Final = 2_000  # what is in memory at once

_SCHEMA: Final = """
CREATE TABLE staged (
    uri TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    artist TEXT,
    album TEXT,
    explicit INTEGER,
    duration_ms INTEGER,
    release_year INTEGER,
    recording TEXT,
    popularity REAL,
    danceability REAL,
    energy REAL,
    key REAL,
    loudness REAL,
    mode REAL,
    speechiness REAL,
    acousticness REAL,
    instrumentalness REAL,
    liveness REAL,
    valence REAL,
    tempo REAL
) STRICT, WITHOUT ROWID;
CREATE TABLE staged_genres (
    uri TEXT NOT NULL,
    genre TEXT NOT NULL,
    PRIMARY KEY (uri, genre)
) STRICT, WITHOUT ROWID;
"""

# A uri that comes again fills the gaps of its first row.
_PLACES: Final = ", ".join("?" * len(TrackRow._fields))
_FILL_GAPS: Final = ", ".join(
    f"{column} = coalesce({column}, excluded.{column})" for column in TrackRow._fields[1:]
)
# A uri that comes again fills the gaps of its first row.
_STAGE: Final = (
    f"INSERT INTO staged VALUES ({_PLACES}) ON CONFLICT (uri) DO UPDATE SET {_FILL_GAPS}"  # noqa: S608 (our own columns)
)


def stage(path: Path, rows: Iterator[tuple[TrackRow, set[str]]]) -> int:
    """Write `rows` to a new database at `path` and return how many there were."""
    count = 0
    with closing(sqlite3.connect(path, autocommit=True)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(_SCHEMA)
        for chunk in batched(rows, CHUNK_ROWS, strict=False):
            connection.execute("BEGIN")
            connection.executemany(_STAGE, [track for track, _ in chunk])
            connection.executemany(
                "INSERT OR IGNORE INTO staged_genres VALUES (?, ?)",
                [(track.uri, genre) for track, genres in chunk for genre in sorted(genres)],
            )
            connection.execute("COMMIT")
            count += len(chunk)
    return count
