"""Write the catalog for a cloud: `python -m scripts.export_catalog RHYTHMIQ_DB OUT.npz`.

RHYTHMIQ_DB is `rhythmiq.db` in Home Assistant's config folder.  It is only read, as it is at one
moment, so Home Assistant may go on running.
"""

import argparse
from contextlib import closing
import json
from pathlib import Path
import sqlite3
import sys
from tempfile import TemporaryDirectory

import custom_components.rhythmiq as integration
from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.engine import Catalog
from custom_components.rhythmiq.store import Store, StoreError

PATIENCE = 5.0
"""Seconds to wait for a lock on the database."""


class ExportError(Exception):
    """The catalog cannot be exported; the text says why."""


def main() -> int:
    """Parse the command line, export, and say what was written."""
    parser = argparse.ArgumentParser(prog="python -m scripts.export_catalog", description=__doc__)
    parser.add_argument("database", type=Path, metavar="RHYTHMIQ_DB")
    parser.add_argument("out", type=Path, metavar="OUT.npz")
    options = parser.parse_args()
    if options.out.suffix != ".npz":  # above all not the database itself
        parser.error(f"the name of the file to write must end in .npz: {options.out}")
    try:
        catalog = read(options.database)
        write(catalog, options.out)
    except (ExportError, OSError) as err:
        print(f"export_catalog: {err}", file=sys.stderr)
        return 1
    print(f"{options.out}: {catalog.n_tracks:,} tracks")
    return 0


def read(database: Path) -> Catalog:
    """Return the engine's catalog of a home, whether or not its Home Assistant is running.

    Opening the store would migrate the file and tidy up beside it, so it opens a copy.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "rhythmiq.db"
        _copy(database, copy)
        store = Store(copy)
        try:
            store.open()
            return TrackLibrary(store).load()
        except StoreError as err:
            raise ExportError(_sentence(err.key, err.placeholders | {"path": database})) from err
        finally:
            store.close()


def write(catalog: Catalog, out: Path) -> None:
    """Write the file that a cloud loads."""
    if not catalog.n_tracks:
        raise ExportError("there are no tracks in the database yet. Import some first.")
    out.write_bytes(catalog.save())


def _copy(database: Path, copy: Path) -> None:
    """Copy the database as it is now, with what is in its write-ahead log; change nothing."""
    if not database.is_file():
        raise ExportError(f"there is no file {database}")
    try:
        uri = f"{database.absolute().as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.DatabaseError as err:
        raise ExportError(f"the database {database} cannot be read: {err}") from err


def _sentence(key: str, placeholders: dict[str, object]) -> str:
    """Say in English what the integration would say."""
    translations = Path(integration.__file__).parent / "translations" / "en.json"
    sentences = json.loads(translations.read_text(encoding="utf-8"))["exceptions"]
    return str(sentences[key]["message"]).format(**placeholders)


if __name__ == "__main__":
    sys.exit(main())
