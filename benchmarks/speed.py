"""Ranking speed, as ratios to one read of the catalog's array in the same run.

    python -m benchmarks.speed [--sizes N ...] [--runs N] [--json FILE]

A ratio travels between machines far better than microseconds do. One thread; the contestants take
turns, so that a busy machine slows all of them.
"""

import argparse
from collections.abc import Callable, Mapping
import json
import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import unhindered
from custom_components.rhythmiq.engine import FEATURE_NAMES, Catalog, Context, Request, rank

BOUND, REFERENCE = "one read", "w @ XT + block threshold"
TOP, RANK = "Catalog.top, 50", "rank(), 25 tracks"
MOMENT = Context.from_values(
    {"time_of_day": "22:30", "noise_level": 32, "illuminance": 15, "weather": "rainy"}
)


def reference_top(score: NDArray[np.float32], k: int, blocks: int = 512) -> NDArray[np.int64]:
    """Take the k largest scores with the fewest passes, and no care for ties."""
    if len(score) < 64 * blocks:
        rows = np.argpartition(score, len(score) - k)[-k:]
    else:
        maxima = score[: len(score) // blocks * blocks].reshape(blocks, -1).max(1)
        rows = np.flatnonzero(score >= np.partition(maxima, blocks - k)[blocks - k])
        rows = rows[np.argpartition(score[rows], len(rows) - k)[-k:]]
    order: NDArray[np.int64] = rows[np.argsort(-score[rows])]
    return order


def invented(n: int, rng: np.random.Generator) -> Catalog:
    """Return n tracks with all features and plausible names."""
    features = rng.random((n, len(FEATURE_NAMES)), dtype=np.float32)
    features[:, FEATURE_NAMES.index("tempo")] = rng.uniform(60, 190, n)
    features[:, FEATURE_NAMES.index("duration_ms")] = rng.uniform(120_000, 300_000, n)
    features[:, FEATURE_NAMES.index("loudness")] = rng.uniform(-20, -3, n)
    features[:, FEATURE_NAMES.index("release_year")] = rng.integers(1960, 2026, n)
    features[:, FEATURE_NAMES.index("popularity")] = rng.integers(0, 101, n)
    return Catalog.from_arrays(
        features,
        FEATURE_NAMES,
        uri=[f"invented:{row:08d}" for row in range(n)],
        title=[f"Invented Song {row}" for row in range(n)],
        artist=[f"Artist {row}" for row in rng.integers(0, n // 5 + 1, n)],
        genre=[f"genre {row}" for row in rng.integers(0, 100, n)],
    )


def contestants(n: int) -> Mapping[str, Callable[[], object]]:
    """Return what is timed, for a catalog of n tracks."""
    rng = np.random.default_rng(n)
    catalog = invented(n, rng)
    matrix = np.ascontiguousarray(catalog.matrix)
    flat = matrix.ravel()
    weights = rng.normal(size=catalog.n_features).astype(np.float32)
    rows, _ = catalog.top(weights, 50)
    if set(rows.tolist()) != set(reference_top(weights @ matrix, 50).tolist()):
        raise AssertionError("Catalog.top and the reference disagree")
    request = Request(context=MOMENT, count=25)
    return {
        BOUND: lambda: flat @ flat,
        REFERENCE: lambda: reference_top(weights @ matrix, 50),
        TOP: lambda: catalog.top(weights, 50),
        RANK: lambda: rank(catalog, request, rng=np.random.default_rng(0)),
    }


def main() -> None:
    """Measure, print a table, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = {n: unhindered(contestants(n), options.runs) for n in options.sizes}
    print(f"{'':26}" + "".join(f"{n:>26,}" for n in results))
    for name in (BOUND, REFERENCE, TOP, RANK):
        cells = [
            f"{taken[name] * 1e6:11,.0f} us {taken[name] / taken[BOUND]:7.2f} x"
            for taken in results.values()
        ]
        print(f"{name:26}" + "".join(f"{cell:>26}" for cell in cells))
    over = [f"{taken[TOP] / taken[REFERENCE]:.2f} x" for taken in results.values()]
    print(f"{'top over the reference':26}" + "".join(f"{cell:>26}" for cell in over))
    if options.json:
        options.json.write_text(json.dumps({str(n): taken for n, taken in results.items()}))


if __name__ == "__main__":
    main()
