"""Seconds that can be compared: contestants take turns, each warm when it counts.

Time counts while this thread has a processor, and of that the lowest decile, not the median: other
work on the machine only ever adds, and adds more to what takes longer.
"""

from collections.abc import Callable, Mapping
import time

import numpy as np

WARM = 2  # runs before the one that counts: the turn before filled the caches with something else
UNHINDERED = 0.1  # the quantile that counts


def unhindered(timed: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Return the seconds of each of the contestants."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(runs):
        for name, run in timed.items():
            for _ in range(WARM):
                run()
            started = time.thread_time()
            run()
            seconds[name].append(time.thread_time() - started)
    return {name: float(np.quantile(taken, UNHINDERED)) for name, taken in seconds.items()}
