"""Other ways to find the 50 best of N tracks.

    python -m benchmarks.rivals [--sizes N ...] [--runs N] [--json FILE]

All score the same float32 array (N tracks, a catalog's columns) on one thread and take turns, as in
`benchmarks.speed`; the figures are multiples of one read of that array.
"""

import argparse
from collections.abc import Callable, Mapping
import importlib
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported
os.environ.setdefault("OMP_NUM_THREADS", "1")  # faiss

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed import BOUND, REFERENCE, TOP, invented, reference_top
from benchmarks.timing import unhindered

K = 50
ROWS = "X @ w, argpartition"
DISTANCE = "weighted distance, naive"
FAISS = "faiss flat inner product"

type Timed = Mapping[str, Callable[[], object]]


def faiss() -> Any:
    """Return the module, or None."""
    try:
        return importlib.import_module("faiss")
    except ImportError:
        return None


def best(score: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Take the k largest, largest first."""
    rows = np.argpartition(score, len(score) - k)[-k:]
    order: NDArray[np.int64] = rows[np.argsort(-score[rows])]
    return order


def contestants(n: int) -> Timed:
    """Return what is timed, for n tracks; they agree about the 50 best."""
    rng = np.random.default_rng(n)
    catalog = invented(n, rng)
    columns = np.ascontiguousarray(catalog.matrix)
    rows, flat = np.ascontiguousarray(columns.T), columns.ravel()
    weights = rng.normal(size=catalog.n_features).astype(np.float32)
    middle, positive = np.zeros_like(weights), np.abs(weights)
    timed: dict[str, Callable[[], object]] = {
        BOUND: lambda: flat @ flat,
        REFERENCE: lambda: reference_top(weights @ columns, K),
        TOP: lambda: catalog.top(weights, K),
        ROWS: lambda: best(rows @ weights, K),
        DISTANCE: lambda: best(-(((rows - middle) ** 2) * positive).sum(axis=1), K),
    }
    ours = set(catalog.top(weights, K)[0].tolist())
    if module := faiss():
        module.omp_set_num_threads(1)
        index = module.IndexFlatIP(rows.shape[1])
        index.add(rows)
        question = weights[np.newaxis]
        timed[FAISS] = lambda: index.search(question, K)
        found = set(index.search(question, K)[1][0].tolist())
        if len(found - ours) > 1:  # the last two may be equal in float32
            raise AssertionError("Catalog.top and faiss disagree")
    return timed


def main() -> None:
    """Measure, print a table, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = {n: unhindered(contestants(n), options.runs) for n in options.sizes}
    print(f"{'x one read':26}" + "".join(f"{n:>12,}" for n in results))
    for name in next(iter(results.values())):
        cells = (f"{taken[name] / taken[BOUND]:12.2f}" for taken in results.values())
        print(f"{name:26}" + "".join(cells))
    if options.json:
        options.json.write_text(json.dumps({str(n): taken for n, taken in results.items()}))


if __name__ == "__main__":
    main()
