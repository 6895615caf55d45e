# ruff: noqa: S608 (the statements are put together from the names of our own columns)
"""From the staged rows to the catalog, inside one transaction of the store.

The staged file is the schema `attached`. Rules:

- A uri belongs to one recording for ever, as its own uri or as an alias.
- A new uri joins a recording that has the same key (see `identity`), a duration within
  `SAME_RECORDING_MS` and is not known to differ in explicit words: one in the catalog, else the
  most popular one of its file.
- A row with the recording's own uri replaces values; one with an alias only fills gaps. A missing
  value never replaces one that is there.

So the same file read again finds everything as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import sqlite3
from typing import Final

from ..store import Provenance
from .identity import SAME_RECORDING_MS
from .rows import TrackRow

_TRACK_COLUMNS: Final = TrackRow._fields[1:8]
_FEATURE_COLUMNS: Final = TrackRow._fields[8:]
_COLUMNS: Final = TrackRow._fields[1:]

_OWN_URI, _KNOWN_ALIAS, _NEW_ALIAS = range(3)


def _listed(columns: tuple[str, ...], form: str, separator: str = ", ") -> str:
    """Write `form` once per column, its name for every {}."""
    return separator.join(form.replace("{}", column) for column in columns)


# What a value becomes: `i` is the file's word, `t` what the catalog has.
_MERGED: Final = "iif(i.own_uri, coalesce(i.{}, t.{}), coalesce(t.{}, i.{}))"

_WORKING_TABLES: Final = (
    """
    CREATE TABLE attached.resolved (uri TEXT PRIMARY KEY, track INTEGER, role INTEGER)
    WITHOUT ROWID
    """,
    f"""
    CREATE TABLE attached.incoming
    (track INTEGER PRIMARY KEY, own_uri INTEGER, {_listed(_COLUMNS, "{}")})
    """,
    "CREATE TABLE attached.changed (track INTEGER PRIMARY KEY)",
)
_RESOLVE_KNOWN: Final = f"""
INSERT INTO attached.resolved
SELECT s.uri, t.id, {_OWN_URI} FROM attached.staged s JOIN main.tracks t ON t.uri = s.uri
UNION ALL
SELECT s.uri, a.track, {_KNOWN_ALIAS} FROM attached.staged s JOIN main.aliases a ON a.uri = s.uri
"""
_RESOLVE_BY_RECORDING: Final = f"""
INSERT INTO attached.resolved
SELECT uri, track, {_NEW_ALIAS} FROM (
    SELECT s.uri, (
        SELECT t.id FROM main.tracks t
        WHERE t.recording = s.recording
        AND t.duration_ms BETWEEN s.duration_ms - {SAME_RECORDING_MS}
                              AND s.duration_ms + {SAME_RECORDING_MS}
        AND coalesce(t.explicit = s.explicit, true)
        ORDER BY abs(t.duration_ms - s.duration_ms), t.id LIMIT 1
    ) AS track
    FROM attached.staged s WHERE s.uri NOT IN (SELECT uri FROM attached.resolved)
) WHERE track IS NOT NULL
"""
_UNRESOLVED: Final = """
SELECT uri, recording, duration_ms, explicit FROM attached.staged
WHERE uri NOT IN (SELECT uri FROM attached.resolved)
ORDER BY recording, popularity DESC, uri
"""
# One row per recording: the values of its own uri first, its gaps filled by the others.
_GATHER: Final = f"""
INSERT INTO attached.incoming
SELECT r.track, r.role = {_OWN_URI}, {_listed(_COLUMNS, "s.{}")}
FROM attached.resolved r JOIN attached.staged s ON s.uri = r.uri
WHERE true
ORDER BY r.track, r.role <> {_OWN_URI}, s.popularity DESC, s.uri
ON CONFLICT (track) DO UPDATE SET {_listed(_COLUMNS, "{} = coalesce({}, excluded.{})")}
"""
_ADD_TRACKS: Final = f"""
INSERT INTO main.tracks (id, uri, source, {_listed(_TRACK_COLUMNS, "{}")})
SELECT i.track, r.uri, :source, {_listed(_TRACK_COLUMNS, "i.{}")}
FROM attached.incoming i
JOIN attached.resolved r ON r.track = i.track AND r.role = {_OWN_URI}
WHERE i.track >= :first
"""
_ADD_ALIASES: Final = f"""
INSERT INTO main.aliases SELECT uri, track, :source
FROM attached.resolved WHERE role = {_NEW_ALIAS}
"""
_TRACK_DIFFERS: Final = _listed(_TRACK_COLUMNS, f"{_MERGED} IS NOT t.{{}}", " OR ")
_MARK_TRACKS: Final = f"""
INSERT INTO attached.changed
SELECT i.track FROM attached.incoming i JOIN main.tracks t ON t.id = i.track
WHERE i.track < :first AND ({_TRACK_DIFFERS})
"""
_UPDATE_TRACKS: Final = f"""
UPDATE main.tracks AS t SET source = :source, {_listed(_TRACK_COLUMNS, f"{{}} = {_MERGED}")}
FROM attached.incoming i WHERE i.track = t.id AND i.track < :first AND ({_TRACK_DIFFERS})
"""
_DIFFERENT_FEATURES: Final = f"""
FROM attached.incoming i
LEFT JOIN main.features t ON t.track = i.track AND t.source = :source
WHERE ({_listed(_FEATURE_COLUMNS, f"{_MERGED} IS NOT t.{{}}", " OR ")})
"""
_MARK_FEATURES: Final = f"""
INSERT OR IGNORE INTO attached.changed
SELECT i.track {_DIFFERENT_FEATURES} AND i.track < :first
"""
_WRITE_FEATURES: Final = f"""
INSERT INTO main.features (track, source, {_listed(_FEATURE_COLUMNS, "{}")})
SELECT i.track, :source, {_listed(_FEATURE_COLUMNS, _MERGED)} {_DIFFERENT_FEATURES}
ON CONFLICT (track, source) DO UPDATE SET {_listed(_FEATURE_COLUMNS, "{} = excluded.{}")}
"""
_MARK_ALIASES: Final = f"""
INSERT OR IGNORE INTO attached.changed
SELECT track FROM attached.resolved WHERE role = {_NEW_ALIAS} AND track < :first
"""
_ADD_GENRES: Final = """
INSERT OR IGNORE INTO main.genres (name)
SELECT DISTINCT genre FROM attached.staged_genres ORDER BY genre
"""
_INCOMING_GENRES: Final = """
FROM attached.staged_genres s
JOIN attached.resolved r ON r.uri = s.uri
JOIN main.genres g ON g.name = s.genre
"""
_MARK_GENRES: Final = f"""
INSERT OR IGNORE INTO attached.changed
SELECT r.track {_INCOMING_GENRES}
WHERE r.track < :first AND NOT EXISTS (
    SELECT 1 FROM main.track_genres t WHERE t.track = r.track AND t.genre = g.id
)
"""
_LINK_GENRES: Final = f"""
INSERT OR IGNORE INTO main.track_genres SELECT r.track, g.id, :source {_INCOMING_GENRES}
"""
_COUNTS: Final = """
SELECT
    (SELECT count(*) FROM attached.incoming),
    (SELECT count(*) FROM attached.incoming WHERE track >= :first),
    (SELECT count(*) FROM attached.changed)
"""


@dataclass(frozen=True, slots=True)
class Merged:
    """How many recordings the file held, and how many of them are new or now different."""

    recordings: int
    new: int
    updated: int


def merge(connection: sqlite3.Connection, source: Provenance) -> Merged:
    """Bring the staged rows into the catalog; runs inside the store's transaction."""
    for statement in (*_WORKING_TABLES, _RESOLVE_KNOWN, _RESOLVE_BY_RECORDING):
        connection.execute(statement)
    (first,) = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM main.tracks").fetchone()
    connection.executemany(
        "INSERT INTO attached.resolved VALUES (?, ?, ?)",
        _group(connection.execute(_UNRESOLVED), first),
    )
    values = {"source": source, "first": first}
    for statement in (
        _GATHER,
        _ADD_TRACKS,
        _ADD_ALIASES,
        _MARK_TRACKS,
        _UPDATE_TRACKS,
        _MARK_FEATURES,
        _WRITE_FEATURES,
        _MARK_ALIASES,
        _ADD_GENRES,
        _MARK_GENRES,
        _LINK_GENRES,
    ):
        connection.execute(statement, values)
    return Merged(*connection.execute(_COUNTS, values).fetchone())


@dataclass(frozen=True, slots=True)
class _Leader:
    """The first row of a recording that the catalog does not have yet."""

    track: int
    duration: int
    explicit: int | None

    def is_recording_of(self, duration: int, explicit: int | None) -> bool:
        """Tell whether a row of the same key is the same recording."""
        agree = self.explicit is None or explicit is None or self.explicit == explicit
        return agree and abs(self.duration - duration) <= SAME_RECORDING_MS


def _group(
    rows: Iterator[tuple[str, str | None, int | None, int | None]], next_id: int
) -> Iterator[tuple[str, int, int]]:
    """Yield (uri, track, role) for uris that no recording has yet.

    `rows` are (uri, recording, duration in ms, explicit), by recording, the most popular first.
    """
    current: str | None = None
    leaders: list[_Leader] = []
    for uri, recording, duration, explicit in rows:
        if recording != current:
            current, leaders = recording, []
        if recording is not None and duration is not None:
            same = (known for known in leaders if known.is_recording_of(duration, explicit))
            if leader := next(same, None):
                yield uri, leader.track, _NEW_ALIAS
                continue
            leaders.append(_Leader(next_id, duration, explicit))
        yield uri, next_id, _OWN_URI
        next_id += 1
