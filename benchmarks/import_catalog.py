"""What an import costs: seconds and peak memory, in a process of its own.

    python -m benchmarks.import_catalog FILE.csv[.gz]

Imports the file into an empty store, reads it back as the engine's catalog and imports it once
more; the second report has to say that nothing is new.
"""

import argparse
from collections.abc import Callable
import os
from pathlib import Path
import resource
import sys
import tempfile
import time

from custom_components.rhythmiq.catalog import ImportReport, TrackLibrary, check_importable
from custom_components.rhythmiq.store import Store

MEBIBYTE_IN_KIB = 1024


def _timed[T](name: str, action: Callable[[], T]) -> T:
    started = time.perf_counter()
    result = action()
    print(f"{name}: {time.perf_counter() - started:.2f} s, peak {_peak_mib():.0f} MiB")
    return result


def _peak_mib() -> float:
    """Return this process's largest resident set so far (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEBIBYTE_IN_KIB


def main() -> int:
    """Measure, and return 1 if importing again changed anything."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    path = check_importable(parser.parse_args().file)
    print(
        f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, started at {_peak_mib():.0f} MiB"
    )
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "rhythmiq.db")
        store.open()

        def read() -> ImportReport:
            return TrackLibrary(store).import_file(path, lambda _: None)

        first = _timed("import", read)
        print(first)
        catalog = _timed("load", TrackLibrary(store).load)
        print(
            f"{catalog.n_tracks} tracks, {len(catalog.genre_names)} genres, "
            f"{store.path.stat().st_size / 1e6:.1f} MB database"
        )
        second = _timed("import again", read)
        print(second)
        store.close()
    return int(bool(second.new or second.updated))


if __name__ == "__main__":
    sys.exit(main())
