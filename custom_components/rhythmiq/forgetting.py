"""Forgetting: what is to go is deleted for good, and with it what was learned of it.

Every function is an operation for `Learning.erase`.
"""

from dataclasses import dataclass
import json
import sqlite3
from typing import Final

from .engine import VARIABLES, Privacy

PERSONAL: Final = tuple(
    key for key, variable in VARIABLES.items() if variable.privacy is Privacy.PERSONAL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is to be forgotten: everything that all given fields hold for.

    `listener` and `room` are subentries' ids, `variable` is a key of VARIABLES; `since` and `until`
    are seconds since the epoch, `until` exclusive. Without any it is all that ever happened.
    """

    listener: str | None = None
    room: str | None = None
    variable: str | None = None
    since: float | None = None
    until: float | None = None

    @property
    def endless(self) -> bool:
        """Whether it has no beginning and no end."""
        return self.since is None and self.until is None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows were deleted or lost something."""

    interactions: int
    recommendations: int
    preferences: int


def forget(connection: sqlite3.Connection, scope: Scope) -> Forgotten:
    """Forget what a scope covers."""
    if scope.variable is not None:
        return _forget_variable(connection, scope, scope.variable)
    if scope.listener is not None:
        return _forget_listener(connection, scope, scope.listener)
    # Recommendations first: what came of them tells their rooms
    recommendations = _delete(connection, "recommendations", _of_recommendations(scope))
    return Forgotten(
        _delete(connection, "interactions", _of_interactions(scope)), recommendations, 0
    )


@dataclass(frozen=True, slots=True)
class _Where:
    sql: str
    values: tuple[object, ...]


def _delete(connection: sqlite3.Connection, table: str, where: _Where) -> int:
    return connection.execute(f"DELETE FROM {table} WHERE {where.sql}", where.values).rowcount  # noqa: S608


def _forget_variable(connection: sqlite3.Connection, scope: Scope, variable: str) -> Forgotten:
    """Take a variable out of every moment."""
    path = f"$.{variable}"
    unexplained = _unexplain(connection, scope, variable)
    changed = []
    for table, where in (
        ("recommendations", _of_recommendations(scope)),
        ("interactions", _of_interactions(scope)),
    ):
        cursor = connection.execute(
            f"UPDATE {table} SET context = json_remove(context, ?)"  # noqa: S608
            f" WHERE json_type(context, ?) IS NOT NULL AND {where.sql}",
            (path, path, *where.values),
        )
        changed.append(cursor.rowcount)
    return Forgotten(changed[1], changed[0] + unexplained, 0)


def _unexplain(connection: sqlite3.Connection, scope: Scope, variable: str) -> int:
    """Take a variable out of the reasons and scores of tracks, whose amounts tell of its value.

    Return how many recommendations lost some without having it in their moment: those of people.
    """
    where, count = _of_recommendations(scope), 0
    found = connection.execute(
        "SELECT id, tracks, json_type(context, ?) IS NULL FROM recommendations"  # noqa: S608
        f" WHERE instr(tracks, ?) AND {where.sql}",
        (f"$.{variable}", f'"key": {json.dumps(variable)}', *where.values),
    ).fetchall()
    for identifier, stored, personal in found:
        tracks = json.loads(stored)
        for track in tracks:
            reasons = track["reasons"]
            track["reasons"] = [reason for reason in reasons if reason["key"] != variable]
            track["score"] -= sum(each["amount"] for each in reasons if each["key"] == variable)
        connection.execute(
            "UPDATE recommendations SET tracks = ? WHERE id = ?",
            (json.dumps(tracks, allow_nan=False, ensure_ascii=False), identifier),
        )
        count += personal
    return count


def _forget_listener(connection: sqlite3.Connection, scope: Scope, listener: str) -> Forgotten:
    """Delete what was one listener's alone; of what they shared, leave what the others did.

    Personal variables of shared moments go: nobody can tell whose they were.
    """
    recommendations = _delete(connection, "recommendations", _of_recommendations(scope))
    where = _of_interactions(scope)
    alone = connection.execute(
        f"DELETE FROM interactions WHERE listeners = ? AND {where.sql}",  # noqa: S608
        (json.dumps([listener], ensure_ascii=False), *where.values),
    ).rowcount
    personal = ", ".join(f"'$.{key}'" for key in PERSONAL)
    shared = connection.execute(
        "UPDATE interactions SET"  # noqa: S608
        " listeners = (SELECT json_group_array(value) FROM json_each(interactions.listeners)"
        " WHERE value != ?),"
        f" context = json_remove(context, {personal}) WHERE {where.sql}",
        (listener, *where.values),
    ).rowcount
    preferences = 0
    if scope.endless and scope.room is None:
        preferences = connection.execute(
            "DELETE FROM preferences WHERE listener = ?", (listener,)
        ).rowcount
    return Forgotten(alone + shared, recommendations, preferences)


def _of_interactions(scope: Scope) -> _Where:
    terms, values = _between("happened", scope)
    if scope.room is not None:
        terms.append("room = ?")
        values.append(scope.room)
    if scope.listener is not None:
        terms.append("EXISTS (SELECT 1 FROM json_each(interactions.listeners) WHERE value = ?)")
        values.append(scope.listener)
    return _Where(" AND ".join(terms) or "1", tuple(values))


def _of_recommendations(scope: Scope) -> _Where:
    """Return which recommendations are meant; those of a room are known by what came of them."""
    terms, values = _between("created", scope)
    if scope.room is not None:
        terms.append("id IN (SELECT recommendation FROM interactions WHERE room = ?)")
        values.append(scope.room)
    if scope.listener is not None:
        terms.append("EXISTS (SELECT 1 FROM json_each(recommendations.listeners) WHERE value = ?)")
        values.append(scope.listener)
    return _Where(" AND ".join(terms) or "1", tuple(values))


def _between(column: str, scope: Scope) -> tuple[list[str], list[object]]:
    terms: list[str] = []
    values: list[object] = []
    if scope.since is not None:
        terms.append(f"{column} >= ?")
        values.append(scope.since)
    if scope.until is not None:
        terms.append(f"{column} < ?")
        values.append(scope.until)
    return terms, values
