"""Seconds that can be compared: contestants take turns, each warm when it counts."""

from collections.abc import Callable, Mapping
import statistics
import time

WARM = 2  # runs before the one that counts: the turn before filled the caches with something else


def medians(timed: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the median seconds of each of the contestants."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(runs):
        for name, run in timed.items():
            for _ in range(WARM):
                run()
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in seconds.items()}
