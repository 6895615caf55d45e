"""Everything that is stored about this home's listening, as one readable file."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
import io
import json
from pathlib import Path
import sqlite3
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from .learning import Learned
from .store import Store

FORMAT: Final = 1
MEMBER: Final = "rhythmiq.json"
_JSON_COLUMNS: Final = {"context", "listeners", "speakers", "tracks"}
_TIMES: Final = {"happened", "created"}
_TABLES: Final = {
    "preferences": "ORDER BY listener, source DESC, rank",
    "interactions": "ORDER BY id",
    "recommendations": "ORDER BY created",
}


def export(
    store: Store, path: Path, settings: Mapping[str, Any], learned: Learned, now: datetime
) -> None:
    """Write a zip file with one JSON document; blocking.

    It holds the `settings` given, preferences, interactions, recommendations, and what the model is
    made of. Times are ISO 8601, UTC; values are those that were read. Raises `StoreError`
    and OSError.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "exported": now.astimezone(UTC).isoformat(),
        **settings,
        "model": {
            "outcomes": learned.outcomes,
            "last_interaction": learned.last,
            "since": _time(learned.created),
        },
    }

    def write(connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        with (
            ZipFile(path, "w", ZIP_DEFLATED) as archive,
            archive.open(MEMBER, "w") as member,
            io.TextIOWrapper(member, encoding="utf-8") as text,
        ):
            text.write("{\n")
            for key, value in document.items():
                text.write(f"{_json(key)}: {_json(value)},\n")
            for number, (table, order) in enumerate(_TABLES.items()):
                text.write(f"{_json(table)}: [\n")
                rows = connection.execute(f"SELECT * FROM {table} {order}")  # noqa: S608 (our own)
                text.writelines(_lines(map(_readable, rows)))
                text.write("],\n" if number < len(_TABLES) - 1 else "]\n")
            text.write("}\n")

    store.read(write)


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield each row as a line of JSON, with a comma but for the last."""
    before = None
    for row in rows:
        if before is not None:
            yield f"{before},\n"
        before = _json(row)
    if before is not None:
        yield f"{before}\n"


def _readable(row: sqlite3.Row) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name in row.keys():  # noqa: SIM118 (iterating over a row gives its values)
        value = row[name]
        if value is None:
            continue
        if name in _JSON_COLUMNS:
            value = json.loads(value)
        elif name in _TIMES:
            value = _time(value)
        shown[name] = value
    return shown


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
