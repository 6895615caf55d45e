"""What happened, row by row: appended, read in blocks, never changed.

Every method blocks and belongs into the executor.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
import json
from math import inf
import sqlite3
import sys
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .engine import Heard
from .engine.rewards import OUTCOMES, Kind
from .store import Provenance, Store

BLOCK_ROWS: Final = 8192
HISTORY_PLAYS: Final = 2000

_COLUMNS: Final = (
    *("happened", "kind", "uri", "title", "artist", "recommendation", "position", "listened"),
    *("duration", "reward", "weight", "change", "room", "speaker", "speakers", "listeners"),
    *("context", "retracts", "source"),
)
_STANDING: Final = (
    "retracts IS NULL AND id NOT IN (SELECT retracts FROM interactions WHERE retracts IS NOT NULL)"
)
_LISTENED: Final = "instr(listeners, ?)"  # an id as it stands in the column; no id holds another


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One thing that happened, `happened` in seconds since the epoch (UTC).

    `uri` is the catalog's, where it has the track; `title` and `artist` as they were then.
    `position` counts the tracks of the recommendation from 0. `listened` and `duration` are
    seconds; `change` is a volume's (-1 to 1). `reward` (0-1, None: says nothing) and `weight` are
    as engine/rewards.py had them. `room` is its subentry, `speakers` maps the uids of those that
    played along to seconds, `listeners` are ids of who is known to have been there. `context` holds
    the variables that were switched on, `retracts` the id of the row that this one takes back.
    """

    happened: float
    kind: Kind
    uri: str | None = None
    title: str | None = None
    artist: str | None = None
    recommendation: str | None = None
    position: int | None = None
    listened: float | None = None
    duration: float | None = None
    reward: float | None = None
    weight: float = 0.0
    change: float | None = None
    room: str | None = None
    speaker: str | None = None
    speakers: Mapping[str, float] = field(default_factory=dict)
    listeners: Sequence[str] = ()
    context: Mapping[str, float | str] = field(default_factory=dict)
    retracts: int | None = None
    source: Provenance = Provenance.PLAYER


@dataclass(frozen=True, slots=True)
class Block:
    """Rows in the order they were stored, as columns of equal length; NaN where nothing is."""

    id: NDArray[np.int64]
    happened: NDArray[np.float64]
    listened: NDArray[np.float64]
    duration: NDArray[np.float64]
    reward: NDArray[np.float64]
    weight: NDArray[np.float64]
    kind: list[Kind]
    uri: list[str | None]
    artist: list[str | None]
    listeners: list[list[str]]
    context: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A play without an outcome: what `Interaction` says of its start."""

    uri: str
    happened: float
    speakers: frozenset[str]


class Interactions:
    """The interactions in the store."""

    def __init__(self, store: Store) -> None:
        """Read and append in this store."""
        self._store = store

    def append(self, rows: Sequence[Interaction], created: float) -> list[int]:
        """Store rows in one transaction and return their ids; when this returns, they are kept.

        Raises `StoreError`; then none is.
        """
        marks = ", ".join("?" * (len(_COLUMNS) + 1))
        statement = f"INSERT INTO interactions ({', '.join(_COLUMNS)}, created) VALUES ({marks})"  # noqa: S608 (our own column names)
        values = [(*_values(row), created) for row in rows]

        def insert(connection: sqlite3.Connection) -> list[int]:
            return [connection.execute(statement, row).lastrowid or 0 for row in values]

        return self._store.write(insert)

    def blocks(
        self, after: int = 0, rows: int = BLOCK_ROWS, until: int | None = None
    ) -> Iterator[Block]:
        """Yield what stands (was not taken back), by id from the one behind `after` to `until`."""
        last = sys.maxsize if until is None else until
        while found := self._store.read(partial(_block, after=after, until=last, rows=rows)):
            yield _as_block(found)
            after = found[-1][0]

    def counts(self) -> dict[str, int]:
        """Return how many rows there are of each kind."""
        rows = self._store.read(
            lambda connection: connection.execute(
                "SELECT kind, count(*) FROM interactions GROUP BY kind ORDER BY kind"
            ).fetchall()
        )
        return dict(rows)

    def unfinished(self, since: float) -> list[Unfinished]:
        """Return plays that began since then and have no outcome yet."""
        outcomes = _quoted(OUTCOMES)
        statement = (
            "SELECT uri, happened, speakers FROM interactions AS began"  # noqa: S608 (our own words)
            f" WHERE happened >= ? AND kind = '{Kind.STARTED}' AND uri IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM interactions AS ended WHERE ended.id > began.id"
            f" AND ended.uri = began.uri AND ended.kind IN ({outcomes}))"
        )
        rows = self._store.read(
            lambda connection: connection.execute(statement, (since,)).fetchall()
        )
        return [
            Unfinished(uri, happened, frozenset(json.loads(speakers)))
            for uri, happened, speakers in rows
        ]

    def recommended(
        self, speakers: Collection[str], since: float, until: float
    ) -> list[tuple[str, int]]:
        """Return the ids of what was recommended for any of these speakers, the newest first.

        Each comes with a number that changes when tracks are added to it.
        """
        return self._store.read(
            lambda connection: connection.execute(
                "SELECT id, length(tracks) FROM recommendations WHERE created BETWEEN ? AND ?"
                " AND EXISTS (SELECT 1 FROM json_each(recommendations.speakers)"
                " WHERE value IN (SELECT value FROM json_each(?)))"
                " ORDER BY created DESC",
                (since, until, json.dumps(sorted(speakers))),
            ).fetchall()
        )

    def recommended_uris(self, recommendation: str) -> list[str]:
        """Return the uris of a recommendation, in order; none if it is not kept any more."""
        found = self._store.recommendation(recommendation)
        return [] if found is None else [track["uri"] for track in found.tracks]

    def heard(self, speakers: Collection[str], since: float) -> tuple[Heard, ...]:
        """Return the plays on any of these speakers (at least one) since then, oldest first."""
        kinds = _quoted({Kind.STARTED, *OUTCOMES})
        statement = (
            "SELECT kind, uri, happened, artist FROM interactions"  # noqa: S608 (our own words)
            f" WHERE happened >= ? AND uri IS NOT NULL AND kind IN ({kinds}) AND {_STANDING}"
            f" AND ({' OR '.join(['instr(speakers, ?)'] * len(speakers))})"
            " ORDER BY happened DESC, id DESC LIMIT ?"
        )
        names = [json.dumps(uid) for uid in speakers]  # as they stand in the column
        rows = self._store.read(
            lambda connection: connection.execute(
                statement, (since, *names, 2 * HISTORY_PLAYS)
            ).fetchall()
        )
        plays: list[Heard] = []
        completed: dict[str, bool] = {}  # by uri: how the play that began before it went on
        for kind, uri, happened, artist in rows:
            if kind == Kind.STARTED:
                plays.append(Heard(uri, happened, artist or "", completed.pop(uri, None)))
            elif kind in {Kind.FINISHED, Kind.SKIPPED}:
                completed[uri] = kind == Kind.FINISHED
            else:
                completed.pop(uri, None)
        return tuple(reversed(plays))

    def ratings(
        self, uri: str | None, recommendation: str | None, listeners: Sequence[str]
    ) -> list[int]:
        """Return the ids of the ratings that stand, by these listeners, of a track or a list.

        A rating of a whole recommendation has no uri.
        """
        statement = (
            "SELECT id FROM interactions WHERE kind = ? AND uri IS ?"  # noqa: S608 (our own condition)
            f" AND (uri IS NOT NULL OR recommendation IS ?) AND listeners = ? AND {_STANDING}"
        )
        words = (Kind.RATED, uri, recommendation, json.dumps(list(listeners), ensure_ascii=False))
        rows = self._store.read(lambda connection: connection.execute(statement, words).fetchall())
        return [key for (key,) in rows]

    def signals(
        self, kinds: Sequence[Kind], since: float
    ) -> list[tuple[Kind, float, str | None, float | None, float | None]]:
        """Return kind, time, uri, seconds listened and reward of what happened since then."""
        rows = self._store.read(
            lambda connection: connection.execute(
                "SELECT kind, happened, uri, listened, reward FROM interactions"  # noqa: S608
                f" WHERE happened >= ? AND kind IN ({_quoted(set(kinds))}) AND {_STANDING}"
                " ORDER BY id",
                (since,),
            ).fetchall()
        )
        return [(Kind(kind), *rest) for kind, *rest in rows]

    def outcomes(self, listener: str) -> int:
        """Return how much happened, while a listener was there, that says something of liking."""
        statement = (
            f"SELECT count(*) FROM interactions WHERE reward IS NOT NULL AND {_STANDING}"  # noqa: S608
            f" AND {_LISTENED}"
        )
        found: int = self._store.read(
            lambda connection: connection.execute(statement, (json.dumps(listener),)).fetchone()
        )[0]
        return found

    def tallies(self, listener: str, before: float = inf) -> list[tuple[str, str, int, int]]:
        """Return of each track that a listener heard: uri, artist, times finished, times heard.

        Only plays that say something about liking count, of those `before` a time.
        """
        statement = (
            "SELECT uri, coalesce(artist, ''), sum(kind IN (?, ?)), count(*) FROM interactions"  # noqa: S608 (our own condition)
            " WHERE uri IS NOT NULL AND reward IS NOT NULL AND kind != ? AND happened < ?"
            f" AND {_STANDING} AND {_LISTENED} GROUP BY uri, artist"
        )
        words = (Kind.FINISHED, Kind.REPLAYED, Kind.RATED, before, json.dumps(listener))
        return self._store.read(lambda connection: connection.execute(statement, words).fetchall())


def _values(row: Interaction) -> tuple[Any, ...]:
    return tuple(
        json.dumps(value, allow_nan=False, ensure_ascii=False)
        if name in {"speakers", "listeners", "context"}
        else value
        for name in _COLUMNS
        for value in [_plain(getattr(row, name))]
    )


def _plain(value: Any) -> Any:
    match value:
        case str() | None:
            return value
        case Mapping():
            return dict(value)
        case Sequence():
            return list(value)
    return value


def _quoted(kinds: set[Kind] | frozenset[Kind]) -> str:
    return ", ".join(f"'{kind}'" for kind in sorted(kinds))


def _block(connection: sqlite3.Connection, after: int, until: int, rows: int) -> list[Any]:
    return connection.execute(
        "SELECT id, happened, listened, duration, reward, weight, kind, uri, artist, listeners,"  # noqa: S608 (our own condition)
        f" context FROM interactions WHERE id > ? AND id <= ? AND {_STANDING}"
        " ORDER BY id LIMIT ?",
        (after, until, rows),
    ).fetchall()


def _as_block(rows: list[Any]) -> Block:
    numbers = np.array([row[1:6] for row in rows], dtype=np.float64)
    return Block(
        id=np.array([row[0] for row in rows], dtype=np.int64),
        happened=numbers[:, 0],
        listened=numbers[:, 1],
        duration=numbers[:, 2],
        reward=numbers[:, 3],
        weight=numbers[:, 4],
        kind=[Kind(row[6]) for row in rows],
        uri=[row[7] for row in rows],
        artist=[row[8] for row in rows],
        listeners=[json.loads(row[9]) for row in rows],
        context=[json.loads(row[10]) for row in rows],
    )
