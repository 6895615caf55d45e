"""Tune vectors: how well a beam search leads tracks along a path, against simpler ways.

    python -m benchmarks.paths [FILE.csv[.gz]] [--runs N] [--json FILE]

FILE is a catalog as `rhythmiq.import_catalog` takes it; without it, an invented one is used. Each
run draws 2,000 tracks with utilities of deviation 1, of which some are chosen and ordered:

- random and by energy: the tracks of highest utility, in any order or in that of their energy
  (falling where the path falls);
- greedy: from all 2,000, always what costs least next;
- beam: `engine.sequence`.

In the second part all have the same tracks to order. The figures are means over the runs: the
deviation from the path (standard deviations of the features), the cost of a transition (0-1), and
the cost per track that is minimised (utility, the lower the better).
"""

import argparse
from collections.abc import Callable, Iterable
import json
from pathlib import Path
import statistics
import tempfile
import time

import numpy as np

from benchmarks.speed import invented
from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.engine import Catalog
from custom_components.rhythmiq.engine.features import Doubles
from custom_components.rhythmiq.engine.pool import Pool
from custom_components.rhythmiq.engine.sequence import USUAL, Sequence, measure, sequence
from custom_components.rhythmiq.engine.transition import Transitions
from custom_components.rhythmiq.engine.tune_vector import Path as TunePath, TuneVector, Waypoint
from custom_components.rhythmiq.store import Store

POOL = 2000
VECTORS = {
    "wake up (ascent)": TuneVector(shape="ascent"),
    "dinner (hold, calm)": TuneVector(waypoints=(Waypoint(minute=0, mood="calm"),), shape="hold"),
    "party (arc)": TuneVector(waypoints=(Waypoint(minute=0, mood="party"),), shape="arc"),
    "wind down (waypoints)": TuneVector(
        waypoints=(
            Waypoint(minute=0, features={"energy": 0.7, "tempo": 120, "valence": 0.6}),
            Waypoint(minute=80, features={"energy": 0.2, "tempo": 75, "acousticness": 0.8}),
        )
    ),
    "free": TuneVector(),
}

type Row = dict[str, float]
type Way = Callable[[Pool, TunePath, int, np.random.Generator], Sequence]


def by_chance(tracks: Pool, path: TunePath, count: int, rng: np.random.Generator) -> Sequence:
    """Play the best tracks in any order."""
    return measure(tracks, rng.permutation(_best(tracks, count)).tolist(), path)


def by_energy(tracks: Pool, path: TunePath, count: int, rng: np.random.Generator) -> Sequence:
    """Play the best tracks with rising energy, or with falling energy where the path falls."""
    best = np.array(_best(tracks, count))
    energy = np.nan_to_num(tracks.motion.energy[best], nan=0.5)
    if "energy" in path.names:
        line = path.targets[:, path.names.index("energy")]
        energy = -energy if line[-1] < line[0] else energy
    return measure(tracks, best[np.argsort(energy, kind="stable")].tolist(), path)


def greedily(tracks: Pool, path: TunePath, count: int, rng: np.random.Generator) -> Sequence:
    """Play whatever costs least next."""
    step = Transitions(tracks.motion).all()
    columns = [tracks.names.index(name) for name in path.names]
    order: list[int] = []
    clock, free = 0.0, np.zeros(len(tracks.uri))
    for _ in range(count):
        target = path.at(clock + tracks.seconds / 2)
        squares = (tracks.expected[:, columns] - target) ** 2 + tracks.variance[:, columns]
        cost: Doubles = USUAL.path * squares @ path.weights - tracks.utility + free
        if order:
            cost += USUAL.transition * step[order[-1]]
        track = int(np.argmin(cost))
        order.append(track)
        free[track] = np.inf
        clock += float(tracks.seconds[track])
    return measure(tracks, order, path)


def by_beam(tracks: Pool, path: TunePath, count: int, rng: np.random.Generator) -> Sequence:
    """Search with a beam; what is to be ordered completely is told so."""
    return sequence(tracks, path, count=count if count < len(tracks.uri) else None)


WAYS: dict[str, Way] = {
    "random": by_chance,
    "by energy": by_energy,
    "greedy": greedily,
    "beam": by_beam,
}


def _best(tracks: Pool, count: int) -> list[int]:
    order: list[int] = np.argsort(-tracks.utility, kind="stable")[:count].tolist()
    return order


def read(file: Path | None) -> Catalog:
    """Read a catalog as the product does, or invent one."""
    if file is None:
        return invented(20_000, np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "rhythmiq.db")
        store.open()
        library = TrackLibrary(store)
        library.import_file(file, lambda _: None)
        catalog = library.load()
        store.close()
    return catalog


def drawn(catalog: Catalog, rng: np.random.Generator) -> Pool:
    """Draw a pool, every recording and artist taken as different so that all ways may use it."""
    rows = rng.choice(np.flatnonzero(catalog.playable), POOL, replace=False)
    seconds = np.nan_to_num(catalog.column("duration_ms")[rows] / 1000, nan=210).astype(np.float64)
    few = Pool.from_catalog(catalog, rows, utility=rng.normal(size=POOL), seconds=seconds)
    names = ("expected", "variance", "names", "motion", "seconds", "utility", "uri")
    return Pool(
        **{name: getattr(few, name) for name in names}, artist=("",) * POOL, recording=few.uri
    )


def compared(
    catalog: Catalog, vector: TuneVector, count: int, pool: int, runs: int
) -> dict[str, Row]:
    """Return the mean figures of every way to play `count` of `pool` tracks."""
    rows: dict[str, list[Row]] = {name: [] for name in WAYS}
    for run in range(runs):
        tracks = drawn(catalog, np.random.default_rng(run)).take(np.arange(pool))
        path = vector.path(catalog, float(np.median(tracks.seconds)) * count)
        for name, way in WAYS.items():
            started = time.perf_counter()
            found = way(tracks, path, count, np.random.default_rng(run))
            taken = time.perf_counter() - started
            rows[name].append(
                {
                    "deviation": found.deviation,
                    "transition": found.transition,
                    "utility": float(tracks.utility[list(found.order)].mean()),
                    "cost": found.cost / count,
                    "ms": 1000 * taken,
                }
            )
    return {
        name: {column: statistics.fmean(row[column] for row in of_way) for column in of_way[0]}
        for name, of_way in rows.items()
    }


def table(title: str, results: dict[str, dict[str, Row]]) -> Iterable[str]:
    """Yield the lines of a table: deviation / transition / cost per track, and milliseconds."""
    yield f"| {title} | " + " | ".join(WAYS) + " |"
    yield "|---|" + "---|" * len(WAYS)
    for vector, rows in results.items():
        cells = [
            " / ".join(f"{row[column]:.2f}" for column in ("deviation", "transition", "cost"))
            for row in rows.values()
        ]
        yield f"| {vector} | " + " | ".join(cells) + " |"
    times = [statistics.fmean(rows[name]["ms"] for rows in results.values()) for name in WAYS]
    yield "| milliseconds | " + " | ".join(f"{taken:.0f}" for taken in times) + " |"


def main() -> None:
    """Compare, print tables, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    catalog = read(options.file)
    everything = {}
    for title, count, pool in (
        (f"25 of {POOL:,}", 25, POOL),
        ("25 of 25", 25, 25),
        (f"500 of {POOL:,}", 500, POOL),
    ):
        results = {
            name: compared(catalog, vector, count, pool, options.runs)
            for name, vector in VECTORS.items()
        }
        print(*table(title, results), "", sep="\n")
        everything[title] = results
    if options.json:
        options.json.write_text(json.dumps(everything))


if __name__ == "__main__":
    main()
