"""What listeners say they like, and what they were seen to like, in the store.

Preferences of a listener are ordered: the ranks of those that were *set* are 0, 1, 2, ... without a
gap, and stay so whatever is added, moved or deleted; *learned* ones follow, best proved first. Only
what was set counts in a recommendation, since the model knows what was learned already; who edits a
learned preference makes it a set one, and who deletes it will not see it again.

Every method blocks and is one transaction: what is refused changes nothing, and two people who edit
at once come one after the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
import math
import sqlite3
import time
from typing import Any, Final

from homeassistant.util.ulid import ulid_now

from ..engine import Catalog, EngineError, Preference
from ..engine.preference_rules import (
    PREFERENCES,
    checked_kind,
    checked_value,
    default_weight,
    tempo_range,
)
from ..store import Provenance, Store
from .errors import ListenerError


class Origin(StrEnum):
    """Whether a person said so, or RhythmIQ saw it."""

    SET = "set"
    LEARNED = "learned"

    @property
    def source(self) -> Provenance:
        """Who knows it, as the store says it."""
        return Provenance.USER if self is Origin.SET else Provenance.PLAYER


@dataclass(frozen=True, slots=True)
class KeptPreference:
    """One preference: `value` is a name or a range of tempo ("80-120"), `rank` 0 the favourite.

    `weight` (-1 to 1) is the one that counts, `explicit` whether it was given or follows from the
    rank. A learned one says of how many tracks that were `heard` so many were `finished`.
    """

    id: str
    listener: str
    kind: str
    value: str
    rank: int
    weight: float
    explicit: bool
    origin: Origin
    finished: int | None = None
    heard: int | None = None

    def shown(self) -> dict[str, Any]:
        """Return it as responses show it to those who may see it."""
        return {
            "preference": self.id,
            "kind": self.kind,
            "value": self.value,
            "rank": self.rank,
            "weight": self.weight,
            "explicit": self.explicit,
            "origin": self.origin.value,
            "finished": self.finished,
            "heard": self.heard,
        }

    def for_engine(self) -> Preference:
        """Return it as the engine takes it."""
        if self.kind == "tempo":
            return Preference(kind="tempo", weight=self.weight, tempo=tempo_range(self.value))
        return Preference(kind=checked_kind(self.kind), weight=self.weight, name=self.value)


@dataclass(frozen=True, slots=True)
class Observed:
    """A liking that was seen: of `heard` tracks of this kind and value, so many were `finished`."""

    kind: str
    value: str
    finished: int
    heard: int
    weight: float


_COLUMNS: Final = "id, listener, kind, value, rank, weight, finished, heard, source"


class Preferences:
    """The preferences of all listeners."""

    def __init__(self, store: Store, load_catalog: Callable[[], Catalog]) -> None:
        """Keep them in a store; values are checked against the catalog of that moment."""
        self._store = store
        self._load_catalog = load_catalog

    def of(self, listener: str) -> list[KeptPreference]:
        """Return a listener's preferences, the favourite first, learned ones last."""
        return self._store.read(lambda connection: _of(connection, listener))

    def create(
        self,
        listener: str,
        kind: str,
        value: str,
        *,
        rank: int | None = None,
        weight: float | None = None,
    ) -> KeptPreference:
        """Add a preference, by default as the last of those set, and return it.

        Raises `ListenerError` (`too_many_preferences`, `preference_exists`,
        `preference_rank_out_of_range`) and `EngineError` for what its rules refuse.
        """
        known = checked_kind(kind)
        value = checked_value(known, value, self._load_catalog())
        _check_weight(value, weight)

        def add(connection: sqlite3.Connection) -> str:
            found = _same(connection, listener, known, value)
            if found is not None and found[1] == Origin.SET.source:
                raise ListenerError("preference_exists", kind=known, value=value)
            ids = _order(connection, listener)
            if len(ids) >= PREFERENCES:
                raise EngineError("too_many_preferences", value=len(ids) + 1, maximum=PREFERENCES)
            place = _place(rank, len(ids) + 1, len(ids))
            if found is not None:  # learned before, or dismissed
                connection.execute("DELETE FROM preferences WHERE id = ?", (found[0],))
            identifier = ulid_now()
            connection.execute(
                f"INSERT INTO preferences ({_COLUMNS}, created) VALUES (?,?,?,?,0,?,?,?,?,?)",  # noqa: S608
                (
                    identifier, listener, known, value, weight, None, None, Origin.SET.source,
                    time.time(),
                ),
            )  # fmt: skip
            _arrange(connection, [*ids[:place], identifier, *ids[place:]])
            return identifier

        return self._one(listener, self._store.write(add))

    def update(
        self,
        listener: str,
        identifier: str,
        *,
        kind: str | None = None,
        value: str | None = None,
        rank: int | None = None,
        weight: float | str | None = None,
    ) -> KeptPreference:
        """Change what is given and return the preference; a learned one becomes set.

        `weight` may be "default" again. Raises what `create` raises, `unknown_preference_id`, and
        `preference_kind_fixed`: a preference for jazz does not become one for a tempo.
        """
        now = self._one(listener, identifier)
        if kind is not None and kind != now.kind:
            raise ListenerError("preference_kind_fixed", kind=now.kind, value=now.value)
        if value is not None:
            value = checked_value(checked_kind(now.kind), value, self._load_catalog())
        if weight is not None and weight != "default":
            _check_weight(now.value, weight)

        def change(connection: sqlite3.Connection) -> None:
            row = _one(connection, listener, identifier)
            ids = _order(connection, listener)
            if row.origin is Origin.LEARNED and len(ids) >= PREFERENCES:
                raise EngineError("too_many_preferences", value=len(ids) + 1, maximum=PREFERENCES)
            if value is not None and value != row.value:
                same = _same(connection, listener, row.kind, value)
                if same is not None and same[1] == Origin.SET.source:
                    raise ListenerError("preference_exists", kind=row.kind, value=value)
                if same is not None:
                    connection.execute("DELETE FROM preferences WHERE id = ?", (same[0],))
                connection.execute(
                    "UPDATE preferences SET value = ? WHERE id = ?", (value, identifier)
                )
            if weight is not None:
                connection.execute(
                    "UPDATE preferences SET weight = ? WHERE id = ?",
                    (None if weight == "default" else weight, identifier),
                )
            connection.execute(
                "UPDATE preferences SET source = ?, finished = NULL, heard = NULL WHERE id = ?",
                (Origin.SET.source, identifier),
            )
            others = [other for other in ids if other != identifier]
            usual = ids.index(identifier) if identifier in ids else len(others)
            place = _place(rank, len(others) + 1, usual)
            _arrange(connection, [*others[:place], identifier, *others[place:]])

        self._store.write(change)
        return self._one(listener, identifier)

    def reorder(self, listener: str, identifiers: Sequence[str]) -> list[KeptPreference]:
        """Put all set preferences of a listener into an order and return them all.

        Raises `ListenerError` (`preference_order_invalid`) unless each is named once.
        """

        def arrange(connection: sqlite3.Connection) -> None:
            if sorted(identifiers) != sorted(_order(connection, listener)):
                raise ListenerError("preference_order_invalid")
            _arrange(connection, identifiers)

        self._store.write(arrange)
        return self.of(listener)

    def delete(self, listener: str, identifier: str) -> KeptPreference:
        """Delete a preference and return what it was, so that it can be brought back.

        A learned one is remembered as dismissed, so that it is not learned again.
        """
        now = self._one(listener, identifier)

        def remove(connection: sqlite3.Connection) -> None:
            gone = _one(connection, listener, identifier)
            if gone.origin is Origin.LEARNED:
                connection.execute(
                    "UPDATE preferences SET dismissed = 1 WHERE id = ?", (identifier,)
                )
            else:
                connection.execute("DELETE FROM preferences WHERE id = ?", (identifier,))
                _arrange(connection, _order(connection, listener))

        self._store.write(remove)
        return now

    def learn(self, listener: str, observed: Sequence[Observed]) -> None:
        """Replace what was learned of a listener, best proved first.

        What they set or dismissed stays; what is beyond the most that a listener may have is left
        out.
        """

        def replace(connection: sqlite3.Connection) -> None:
            connection.execute(
                "DELETE FROM preferences WHERE listener = ? AND source = ? AND NOT dismissed",
                (listener, Origin.LEARNED.source),
            )
            set_before = len(_order(connection, listener))
            rank = set_before
            for each in observed:
                if rank == PREFERENCES:
                    break
                if _same(connection, listener, each.kind, each.value) is not None:
                    continue
                connection.execute(
                    f"INSERT INTO preferences ({_COLUMNS}, created)"  # noqa: S608
                    " VALUES (?,?,?,?,?,?,?,?,?,?)",
                    (
                        ulid_now(), listener, each.kind, each.value, rank, each.weight,
                        each.finished, each.heard, Origin.LEARNED.source, time.time(),
                    ),
                )  # fmt: skip
                rank += 1

        self._store.write(replace)

    def _one(self, listener: str, identifier: str) -> KeptPreference:
        return self._store.read(lambda connection: _one(connection, listener, identifier))


def _of(connection: sqlite3.Connection, listener: str) -> list[KeptPreference]:
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM preferences WHERE listener = ? AND NOT dismissed"  # noqa: S608
        " ORDER BY source = ?, rank",
        (listener, Origin.LEARNED.source),
    ).fetchall()
    count = sum(row[-1] == Origin.SET.source for row in rows)
    return [_kept(row, count) for row in rows]


def _kept(row: tuple[object, ...], count: int) -> KeptPreference:
    identifier, listener, kind, value, rank, weight, finished, heard, source = row
    assert isinstance(rank, int)
    origin = Origin.SET if source == Origin.SET.source else Origin.LEARNED
    return KeptPreference(
        id=str(identifier),
        listener=str(listener),
        kind=str(kind),
        value=str(value),
        rank=rank,
        weight=weight if isinstance(weight, float) else default_weight(rank, max(count, 1)),
        explicit=weight is not None and origin is Origin.SET,
        origin=origin,
        finished=finished if isinstance(finished, int) else None,
        heard=heard if isinstance(heard, int) else None,
    )


def _one(connection: sqlite3.Connection, listener: str, identifier: str) -> KeptPreference:
    for each in _of(connection, listener):
        if each.id == identifier:
            return each
    raise ListenerError("unknown_preference_id", id=identifier)


def _same(
    connection: sqlite3.Connection, listener: str, kind: str, value: str
) -> tuple[str, str] | None:
    """Return id and source of the preference for the same thing, dismissed ones too."""
    found: tuple[str, str] | None = connection.execute(
        "SELECT id, source FROM preferences WHERE listener = ? AND kind = ? AND value = ?",
        (listener, kind, value),
    ).fetchone()
    return found


def _order(connection: sqlite3.Connection, listener: str) -> list[str]:
    """Return the ids of what a listener set, the favourite first."""
    rows = connection.execute(
        "SELECT id FROM preferences WHERE listener = ? AND source = ? ORDER BY rank",
        (listener, Origin.SET.source),
    )
    return [identifier for (identifier,) in rows]


def _arrange(connection: sqlite3.Connection, identifiers: Sequence[str]) -> None:
    connection.executemany(
        "UPDATE preferences SET rank = ? WHERE id = ?", list(enumerate(identifiers))
    )


def _place(rank: int | None, count: int, usual: int) -> int:
    if rank is None:
        return usual
    if not 0 <= rank < count:
        raise ListenerError("preference_rank_out_of_range", value=rank, maximum=count - 1)
    return rank


def _check_weight(label: str, weight: float | str | None) -> None:
    if weight is None:
        return
    if isinstance(weight, str) or not math.isfinite(weight) or not -1 <= weight <= 1:
        raise EngineError(
            "preference_out_of_range", preference=label, value=weight, minimum=-1, maximum=1
        )
