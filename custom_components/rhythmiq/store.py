"""The one SQLite file of RhythmIQ: its schema, its migrations, its one writer.

`<config>/rhythmiq.db` holds tracks and what happened to them; settings live in config entries.
Every fact carries its provenance (`Provenance`) in a column `source`.

Durability: write-ahead log with `synchronous = FULL`, so that what `write` has acknowledged
survives a power cut, not only a killed process (`NORMAL` may lose the last transactions then; see
https://sqlite.org/pragma.html#pragma_synchronous). That costs one fsync per transaction, and a
home writes a few transactions a minute.

Every method blocks: Home Assistant calls them in its executor.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
import json
from pathlib import Path
import sqlite3
from typing import Any, Final

APPLICATION_ID: Final = 0x52687951  # "RhyQ" in the file's header: this SQLite file is ours
BUSY_SECONDS: Final = 5.0  # how long a connection waits for a lock before it gives up
KEPT_RECOMMENDATIONS: Final = 1_000
KEPT_SECONDS: Final = 400 * 86_400.0
_CHECKPOINT_PAGES: Final = 1000  # SQLite's default
WAL_KEEP_BYTES: Final = 16 * 1024 * 1024  # the log shrinks back to this after a large import


class Provenance(StrEnum):
    """Where a stored fact comes from."""

    USER = "user"
    PLAYER = "player"
    OPEN_DATA = "open_data"
    RECCOBEATS = "reccobeats"
    SPOTIFY = "spotify"


class StoreError(Exception):
    """The database cannot be used; `key` is a translation key under `exceptions`."""

    def __init__(self, key: str, **placeholders: str) -> None:
        super().__init__(f"{key}: {placeholders}")
        self.key = key
        self.placeholders = placeholders


@dataclass(frozen=True, slots=True)
class StoredRecommendation:
    """A recommendation as it was given, `created` in seconds since the epoch (UTC).

    `speakers` are the uids of the group it was for, none where only an answer was wanted.
    """

    id: str
    created: float
    engine: str
    context: dict[str, Any]
    tracks: list[dict[str, Any]]
    speakers: tuple[str, ...] = ()


_SCHEMA_1: Final = """
CREATE TABLE tracks (
    id INTEGER PRIMARY KEY,
    uri TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    artist TEXT,
    album TEXT,
    explicit INTEGER CHECK (explicit IN (0, 1)),
    duration_ms INTEGER CHECK (duration_ms > 0),
    release_year INTEGER,
    recording TEXT,
    source TEXT NOT NULL
) STRICT;
CREATE INDEX tracks_recording ON tracks (recording, duration_ms) WHERE recording IS NOT NULL;

CREATE TABLE aliases (
    uri TEXT PRIMARY KEY,
    track INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    source TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_track ON aliases (track);

CREATE TABLE features (
    track INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    source TEXT NOT NULL,
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
    tempo REAL,
    PRIMARY KEY (track, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE genres (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE track_genres (
    track INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    genre INTEGER NOT NULL REFERENCES genres,
    source TEXT NOT NULL,
    PRIMARY KEY (track, genre)
) STRICT, WITHOUT ROWID;
CREATE INDEX track_genres_genre ON track_genres (genre);

CREATE TABLE recommendations (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    engine TEXT NOT NULL,
    context TEXT NOT NULL CHECK (json_valid(context)),
    tracks TEXT NOT NULL CHECK (json_valid(tracks))
) STRICT;
CREATE INDEX recommendations_created ON recommendations (created);
"""


# Rows are taken back by later rows that say so; only retention and `rhythmiq.forget` delete.
# An id is never given twice, so whoever has read up to one goes on from there.
_SCHEMA_2: Final = """
ALTER TABLE recommendations ADD COLUMN
    speakers TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(speakers));

CREATE TABLE interactions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    happened REAL NOT NULL,
    kind TEXT NOT NULL,
    uri TEXT,
    title TEXT,
    artist TEXT,
    recommendation TEXT,
    position INTEGER CHECK (position >= 0),
    listened REAL CHECK (listened >= 0),
    duration REAL CHECK (duration >= 0),
    reward REAL CHECK (reward BETWEEN 0 AND 1),
    weight REAL NOT NULL CHECK (weight >= 0),
    change REAL,
    room TEXT,
    speaker TEXT,
    speakers TEXT NOT NULL CHECK (json_valid(speakers)),
    listeners TEXT NOT NULL CHECK (json_valid(listeners)),
    context TEXT NOT NULL CHECK (json_valid(context)),
    retracts INTEGER REFERENCES interactions ON DELETE CASCADE,
    source TEXT NOT NULL,
    created REAL NOT NULL
) STRICT;
CREATE INDEX interactions_happened ON interactions (happened);
CREATE UNIQUE INDEX interactions_retracts ON interactions (retracts) WHERE retracts IS NOT NULL;
CREATE TRIGGER interactions_are_appended BEFORE UPDATE ON interactions
    BEGIN SELECT RAISE(ABORT, 'interactions are never changed'); END;
"""

_SCHEMA_3: Final = """
CREATE TABLE preferences (
    id TEXT PRIMARY KEY,
    listener TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    rank INTEGER NOT NULL CHECK (rank >= 0),
    weight REAL CHECK (weight BETWEEN -1 AND 1),
    finished INTEGER,
    heard INTEGER,
    dismissed INTEGER NOT NULL DEFAULT 0 CHECK (dismissed IN (0, 1)),
    source TEXT NOT NULL,
    created REAL NOT NULL,
    UNIQUE (listener, kind, value)
) STRICT, WITHOUT ROWID;
"""

# What was learned of the interactions up to `last`, given what else it is `made_of`; so many of
# them have `expired` since
_SCHEMA_4: Final = """
CREATE TABLE models (
    name TEXT PRIMARY KEY,
    made_of TEXT NOT NULL,
    last INTEGER NOT NULL,
    outcomes INTEGER NOT NULL,
    expired INTEGER NOT NULL,
    created REAL NOT NULL,
    data BLOB NOT NULL
) STRICT;

ALTER TABLE recommendations ADD COLUMN
    listeners TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(listeners));
"""


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run statements inside the open transaction (`executescript` would commit it)."""
    for statement in script.split(";\n"):
        connection.execute(statement)


def _create_schema(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _run_script(connection, _SCHEMA_1)


def _add_interactions(connection: sqlite3.Connection) -> None:
    _run_script(connection, _SCHEMA_2)


def _add_preferences(connection: sqlite3.Connection) -> None:
    _run_script(connection, _SCHEMA_3)


def _add_models(connection: sqlite3.Connection) -> None:
    _run_script(connection, _SCHEMA_4)


# Migration n leads from format n to format n + 1. Never change one that was released: append.
MIGRATIONS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (
    _create_schema,
    _add_interactions,
    _add_preferences,
    _add_models,
)


class Store:
    """Owns the database file: one writer thread, and a connection of its own for each reader."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._scratch = path.with_name(f"{path.name}.scratch")
        self._executor: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None  # used on the writer thread only
        self._held = False  # on the writer thread, too

    def open(self) -> None:
        """Open the file, or create it, and bring it to the current format.

        Raises `StoreError` and leaves the file as it is when it is damaged, belongs to another
        program or was written by a newer version.
        """
        executor = ThreadPoolExecutor(1, thread_name_prefix="rhythmiq-store")
        try:
            executor.submit(self._open).result()
        except BaseException:
            executor.shutdown()
            raise
        self._executor = executor

    def close(self) -> None:
        """Finish the write under way and close; a second call does nothing."""
        if (executor := self._executor) is None:
            return
        self._executor = None
        executor.submit(self._close).result()
        executor.shutdown()

    def write[T](
        self, operation: Callable[[sqlite3.Connection], T], *, attached: Path | None = None
    ) -> T:
        """Run `operation` on the writer thread in one transaction and return its result.

        An exception of `operation` undoes everything and is raised here. `attached` is another
        database file (see `scratch`) that `operation` sees as the schema `attached`.
        """
        if (executor := self._executor) is None:
            raise StoreError("store_closed")
        return executor.submit(self._transact, operation, attached).result()

    def read[T](self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run `query` in the calling thread on one consistent, read-only view of the file."""
        if self._executor is None:
            raise StoreError("store_closed")
        with self._translated():
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            with closing(
                sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, autocommit=True)
            ) as connection:
                connection.execute("BEGIN")
                return query(connection)

    def erase[T](self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """Run `operation` like `write`, so that nothing is left of what it deletes or changes.

        It may change interactions, which nobody else may. What was there is overwritten, and the
        write-ahead log, which still had it, is emptied. Raises `StoreError` (`store_busy` where
        somebody reads for so long that the log cannot be emptied: what was deleted is gone, its
        bytes may not be; `store_held` while it is to be left alone: nothing is deleted).
        """
        if (executor := self._executor) is None:
            raise StoreError("store_closed")
        return executor.submit(self._erase, operation).result()

    def hold(self) -> None:
        """Leave the main file as it is until `release`, so that it can be copied.

        What is written meanwhile goes to the write-ahead log only, which is empty to begin with and
        only grows: the file and any part of the log, copied after it, are a consistent database
        (https://sqlite.org/wal.html#the_wal_file).
        """
        if (executor := self._executor) is None:
            raise StoreError("store_closed")
        executor.submit(self._hold).result()

    def release(self) -> None:
        """End `hold`."""
        if (executor := self._executor) is not None:
            executor.submit(self._release).result()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Lend a file name beside the database for a large operation's working data.

        The file is removed afterwards, and by the next `open` if the process dies before.
        """
        self._scratch.unlink(missing_ok=True)
        try:
            with self._translated():
                yield self._scratch
        finally:
            self._scratch.unlink(missing_ok=True)

    def save_recommendation(
        self,
        recommendation_id: str,
        created: float,
        engine: str,
        context: Mapping[str, Any],
        tracks: Sequence[Mapping[str, Any]],
        *,
        speakers: Sequence[str] = (),
        listeners: Sequence[str] = (),
    ) -> None:
        """Remember what was recommended, and for whom; see `StoredRecommendation`.

        The newest KEPT_RECOMMENDATIONS are kept, none longer than KEPT_SECONDS.
        """
        row = (
            recommendation_id,
            created,
            engine,
            json.dumps(dict(context), allow_nan=False, ensure_ascii=False),
            json.dumps([dict(track) for track in tracks], allow_nan=False, ensure_ascii=False),
            json.dumps(list(speakers)),
            json.dumps(list(listeners)),
        )

        def save(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO recommendations"
                " (id, created, engine, context, tracks, speakers, listeners)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            connection.execute(
                "DELETE FROM recommendations WHERE created < ? OR id NOT IN"
                " (SELECT id FROM recommendations ORDER BY created DESC, id LIMIT ?)",
                (created - KEPT_SECONDS, KEPT_RECOMMENDATIONS),
            )

        self.write(save)

    def repeat_recommendation(
        self, recommendation_id: str, new_id: str, created: float, speakers: Sequence[str]
    ) -> None:
        """Remember that a recommendation was given again, to the same people, on these speakers."""

        def repeat(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO recommendations"
                " (id, created, engine, context, tracks, speakers, listeners)"
                " SELECT ?, ?, engine, context, tracks, ?, listeners"
                " FROM recommendations WHERE id = ?",
                (new_id, created, json.dumps(list(speakers)), recommendation_id),
            )

        self.write(repeat)

    def extend_recommendation(
        self, recommendation_id: str, tracks: Sequence[Mapping[str, Any]]
    ) -> None:
        """Add tracks that came later, in the place of others; of one that is not kept, nothing."""

        def extend(connection: sqlite3.Connection) -> None:
            found = connection.execute(
                "SELECT tracks FROM recommendations WHERE id = ?", (recommendation_id,)
            ).fetchone()
            if found is not None:
                longer = [*json.loads(found[0]), *map(dict, tracks)]
                connection.execute(
                    "UPDATE recommendations SET tracks = ? WHERE id = ?",
                    (json.dumps(longer, allow_nan=False, ensure_ascii=False), recommendation_id),
                )

        self.write(extend)

    def recommendation(self, recommendation_id: str) -> StoredRecommendation | None:
        """Return the recommendation of that id, or None."""
        found = self._recommendations("WHERE id = ?", recommendation_id)
        return found[0] if found else None

    def latest_recommendations(self, limit: int) -> list[StoredRecommendation]:
        """Return the newest recommendations, newest first."""
        return self._recommendations("ORDER BY created DESC, id LIMIT ?", limit)

    def _recommendations(self, clause: str, parameter: str | int) -> list[StoredRecommendation]:
        columns = "id, created, engine, context, tracks, speakers"
        sql = f"SELECT {columns} FROM recommendations {clause}"  # noqa: S608 (our own two clauses)
        rows = self.read(lambda connection: connection.execute(sql, (parameter,)).fetchall())
        return [
            StoredRecommendation(
                key,
                created,
                engine,
                json.loads(context),
                json.loads(tracks),
                tuple(json.loads(speakers)),
            )
            for key, created, engine, context, tracks, speakers in rows
        ]

    def _open(self) -> None:
        try:
            self._scratch.unlink(missing_ok=True)
            # Readable by the owner only: it will hold what people listen to.
            self.path.touch(mode=0o600)
        except OSError as err:
            raise self._failed(err.strerror or str(err)) from err
        with self._translated():
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, autocommit=True)
            try:
                self._migrate(connection)
            except BaseException:
                connection.close()
                raise
        self._connection = connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Check that the file is ours before the first byte is written, then migrate it."""
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        is_new = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if application != APPLICATION_ID and not (is_new and version == 0):
            raise StoreError("store_foreign", path=str(self.path))
        if version > len(MIGRATIONS):
            raise StoreError(
                "store_newer",
                path=str(self.path),
                found=str(version),
                known=str(len(MIGRATIONS)),
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        connection.execute(f"PRAGMA journal_size_limit = {WAL_KEEP_BYTES}")
        for number, migrate in enumerate(MIGRATIONS[version:], start=version + 1):
            with _transaction(connection):
                migrate(connection)
                connection.execute(f"PRAGMA user_version = {number}")

    def _writer(self) -> sqlite3.Connection:
        assert self._connection is not None  # it is open before the executor is shared
        return self._connection

    def _close(self) -> None:
        self._writer().close()
        self._connection = None

    def _erase[T](self, operation: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._writer()
        if self._held:
            raise StoreError("store_held")
        with self._translated():
            with _transaction(connection):
                guards = connection.execute(
                    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
                ).fetchall()
                for name, _ in guards:
                    connection.execute(f"DROP TRIGGER {name}")
                result = operation(connection)
                for _, guard in guards:
                    connection.execute(guard)
            self._empty_log(connection)
        return result

    def _empty_log(self, connection: sqlite3.Connection) -> None:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError("store_busy", path=str(self.path))

    def _hold(self) -> None:
        connection = self._writer()
        with self._translated():
            self._empty_log(connection)
            connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._held = True

    def _release(self) -> None:
        self._held = False
        with self._translated():
            self._writer().execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")

    def _transact[T](
        self, operation: Callable[[sqlite3.Connection], T], attached: Path | None
    ) -> T:
        connection = self._writer()
        with self._translated(), _attached(connection, attached), _transaction(connection):
            return operation(connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn SQLite's failures into `StoreError`."""
        try:
            yield
        except sqlite3.DatabaseError as err:
            damaged = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            # The low byte is the primary code, the rest tells where it was noticed.
            if (getattr(err, "sqlite_errorcode", 0) & 0xFF) in damaged:
                raise StoreError("store_corrupt", path=str(self.path)) from err
            raise self._failed(str(err)) from err

    def _failed(self, error: str) -> StoreError:
        return StoreError("store_failed", path=str(self.path), error=error)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # After a full disk SQLite has rolled back by itself.
        with suppress(sqlite3.OperationalError):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _attached(connection: sqlite3.Connection, path: Path | None) -> Iterator[None]:
    if path is None:
        yield
        return
    connection.execute("ATTACH ? AS attached", (str(path),))
    try:
        # Working data: lost with the transaction, so it needs neither journal nor fsync.
        connection.execute("PRAGMA attached.journal_mode = OFF")
        connection.execute("PRAGMA attached.synchronous = OFF")
        yield
    finally:
        connection.execute("DETACH attached")
