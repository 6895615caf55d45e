"""What 200,000 interactions cost a home: its start, its first and its next lists, its memory.

    python -m benchmarks.interactions [--interactions N] [--tracks N] [--keep FOLDER]

Fills a database with tracks and a year of what four listeners heard, and lets Home Assistant start
with it and a simulated household, in a process of its own; a second one starts with no interactions
to compare with. Wall-clock seconds, the least of some runs: on a busy machine they are too long,
never too short.
"""

import argparse
from collections.abc import Iterator
import csv
import itertools
import json
import os
from pathlib import Path
import subprocess
import sys
import tempfile
import time
from typing import Any, Final

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import numpy as np

from benchmarks.home_start import LISTENERS, ROOM
from benchmarks.speed import invented
from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.const import DATABASE
from custom_components.rhythmiq.engine import FEATURE_NAMES
from custom_components.rhythmiq.engine.rewards import Kind, reward_of
from custom_components.rhythmiq.interactions import Interaction, Interactions
from custom_components.rhythmiq.learning import Learning
from custom_components.rhythmiq.store import Store

INTERACTIONS, TRACKS = 200_000, 100_000
RUNS: Final = 3
_DAYS: Final = 399  # the default retention drops what is older than 400


def fill(folder: Path, tracks: int, interactions: int) -> None:
    """Write the database of a home that has been listening for a year."""
    store = Store(folder / DATABASE)
    store.open()
    try:
        library = TrackLibrary(store)
        library.import_file(_catalog(folder / "tracks.csv", tracks), lambda _: None)
        rows = Interactions(store)
        for batch in itertools.batched(_year(interactions), 20_000, strict=False):
            rows.append(batch, time.time())
        began = time.perf_counter()
        known = Learning(store, library).rebuild()
        print(f"learning {known.outcomes:,} outcomes anew: {time.perf_counter() - began:.1f} s")
    finally:
        store.close()


def _catalog(path: Path, tracks: int) -> Path:
    catalog = invented(tracks, np.random.default_rng(tracks))
    columns = [
        (column * scale).astype(int).tolist() if scale else column.tolist()
        for name in FEATURE_NAMES
        for column, scale in [(catalog.column(name), {"key": 12, "mode": 2}.get(name, 0))]
    ]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["uri", "title", "artist", "genre", *FEATURE_NAMES])
        for row, features in enumerate(zip(*columns, strict=True)):
            name = [_uri(row), catalog.title[row], catalog.artist[row], catalog.genres[row][0]]
            writer.writerow([*name, *features])
    return path


def _uri(row: int) -> str:
    return f"spotify:track:{row:022d}"


def _year(interactions: int) -> Iterator[Interaction]:
    """Yield starts and outcomes; some tracks are heard much more often than others."""
    rng = np.random.default_rng(interactions)
    plays = interactions // 2
    liked = rng.random((len(LISTENERS), 100))
    when = np.sort(time.time() - rng.random(plays) * _DAYS * 86_400)
    rows = (TRACKS * rng.random(plays) ** 3).astype(int)
    for happened, row in zip(when.tolist(), rows.tolist(), strict=True):
        there = [number for number in range(len(LISTENERS)) if rng.random() < 0.5] or [0]
        skipped = rng.random() > liked[there, row % 100].mean()
        seconds = float(rng.uniform(5, 60)) if skipped else 200.0
        kind = Kind.SKIPPED if skipped else Kind.FINISHED
        reward = reward_of(kind, seconds, 200.0)
        common: dict[str, Any] = {
            "uri": _uri(row),
            "title": f"Invented Song {row}",
            "artist": f"Artist {row % 9000}",
            "room": ROOM,
            "speaker": "RINCON_BENCH01400",
            "speakers": {"RINCON_BENCH01400": seconds},
            "listeners": [LISTENERS[number] for number in there],
            "context": {
                "time_of_day": happened / 3600 % 24,
                "day_type": "weekend" if happened // 86_400 % 7 >= 5 else "workday",
                "noise_level": round(float(rng.uniform(25, 75)), 1),
                "illuminance": round(float(rng.uniform(0, 500)), 1),
                "outdoor_temperature": round(float(rng.uniform(-5, 30)), 1),
                "weather": str(rng.choice(["sunny", "cloudy", "rainy"])),
                "people_home": float(len(there)),
            },
        }
        yield Interaction(happened=happened, kind=Kind.STARTED, **common)
        yield Interaction(
            happened=happened + seconds, kind=kind, listened=seconds, duration=200.0,
            reward=reward.value, weight=reward.weight, **common,
        )  # fmt: skip


def measured(folder: Path) -> dict[str, float]:
    """Start in a process of its own, so that its memory is nothing else's."""
    done = subprocess.run(  # noqa: S603 (our own module)
        [sys.executable, "-m", "benchmarks.home_start", folder],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--interactions", type=int, default=INTERACTIONS)
    parser.add_argument("--tracks", type=int, default=TRACKS)
    parser.add_argument("--runs", type=int, default=RUNS, help="the least of so many counts")
    parser.add_argument("--keep", type=Path, help="keep the databases here, and use them again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rhythmiq-bench-") as temporary:
        root = options.keep or Path(temporary)
        found = {}
        for interactions in (0, options.interactions):
            folder = root / f"{options.tracks}-{interactions}"
            if not folder.is_dir():
                folder.mkdir(parents=True)
                fill(folder, options.tracks, interactions)
            runs = [measured(folder) for _ in range(options.runs)]
            found[interactions] = {name: min(run[name] for run in runs) for name in runs[0]}
    print(f"{options.tracks:,} tracks, {len(LISTENERS)} listeners, interactions:")
    print(" " * 28 + "".join(f"{interactions:>12,}" for interactions in found))
    for name in found[0]:
        print(f"{name:<28}" + "".join(f"{taken[name]:12.2f}" for taken in found.values()))


if __name__ == "__main__":
    main()
