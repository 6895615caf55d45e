"""What learning costs, as ratios to a Cholesky factorisation of 2,000² in the same run.

    python -m benchmarks.learning_speed [--year N] [--json FILE]

Learns 2,000 outcomes and predicts; then one more outcome and a playlist of 25, again and again
(re-estimations apart); then a household's year. The last is measured twice, for time and for
memory, as tracing memory takes time.
"""

import argparse
from collections.abc import Callable, Sequence
import json
from pathlib import Path
import statistics
import time
import tracemalloc

import numpy as np

from custom_components.rhythmiq.engine import ContextModel

N_FEATURES, N_CONTEXT, LISTENERS, TRACKS = 16, 8, 5, 20_000
PLAYLIST = 25


class Household:
    """Outcomes as they come in a household: arrays for `observe`, cut where one likes."""

    def __init__(self, n: int, tracks: int) -> None:
        """Invent n outcomes."""
        rng = np.random.default_rng(0)
        self.listener, self.track = rng.integers(LISTENERS, size=n), rng.integers(tracks, size=n)
        self.catalog = rng.normal(size=(tracks, N_FEATURES)).astype(np.float32)
        self.context = rng.normal(size=(n, N_CONTEXT)).astype(np.float32)
        taste = self.catalog[self.track] @ rng.normal(size=N_FEATURES).astype(np.float32)
        self.reward = (rng.normal(size=n) * 3 < taste).astype(np.float64)
        self.when = np.cumsum(rng.exponential(300, size=n))

    def observe(self, model: ContextModel, rows: slice) -> None:
        """Let a model learn some rows."""
        track = self.track[rows]
        model.observe(
            self.listener[rows], track, track // 8, self.catalog[track], self.context[rows],
            self.reward[rows], when=self.when[rows],
        )  # fmt: skip

    def predict(self, model: ContextModel, start: int) -> None:
        """Ask for a playlist's tracks in the moment of row `start`."""
        track = self.track[start - PLAYLIST : start]
        model.predict(
            self.listener[start - PLAYLIST : start], track, track // 8, self.catalog[track],
            self.context[start - PLAYLIST : start], when=np.full(PLAYLIST, self.when[start]),
        )  # fmt: skip


def seconds(action: Callable[[], object]) -> float:
    """Return how long it takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def factorisation() -> float:
    """Return the seconds of one Cholesky factorisation of 2,000², median of five."""
    matrix = np.eye(2000) + np.ones((2000, 2000)) / 2000
    return statistics.median(seconds(lambda: np.linalg.cholesky(matrix)) for _ in range(5))


def learn(household: Household, n: int) -> ContextModel:
    """Return a model that learned n rows and was asked once."""
    model = ContextModel(N_FEATURES, N_CONTEXT)
    household.observe(model, slice(n))
    household.predict(model, n - 1)
    return model


def one_more(household: Household, model: ContextModel, n: int, times: int) -> list[float]:
    """Return the seconds of one more outcome and a playlist, each time."""

    def step(row: int) -> None:
        household.observe(model, slice(row, row + 1))
        household.predict(model, row)

    return [seconds(lambda row=row: step(row)) for row in range(n, n + times)]  # type: ignore[misc]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table, and write the figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--year", type=int, default=100_000, help="outcomes of a year")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    few, year = Household(2100, 400), Household(options.year + 100, TRACKS)
    unit = factorisation()
    first = min(seconds(lambda: learn(few, 2000)) for _ in range(3))
    again = one_more(few, learn(few, 2000), 2000, 47)
    refit = seconds(learn(few, 2000).refit)
    whole = seconds(lambda: learn(year, options.year))
    tracemalloc.start()
    model = learn(year, options.year)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    figures = {
        "Cholesky of 2,000² (ms)": unit * 1e3,
        "2,000 outcomes and a prediction (Choleskys)": first / unit,
        "one more outcome and 25 predictions (ms, median)": statistics.median(again) * 1e3,
        "re-estimation at 2,000 (s)": refit,
        f"{options.year:,} outcomes and a prediction (s)": whole,
        "the same, held in memory (MB)": held / 1e6,
        "the same, peak (MB)": peak / 1e6,
        "saved (MB)": len(model.save()) / 1e6,
        "one more then (ms, median)": statistics.median(
            one_more(year, model, options.year, 47)
        ) * 1e3,
    }  # fmt: skip
    for name, value in figures.items():
        print(f"{name:<52} {value:9.2f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
