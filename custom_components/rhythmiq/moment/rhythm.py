"""The home's own rhythm: how far its day of listening has gone, whenever that begins."""

from collections.abc import Sequence
from typing import Final

import numpy as np

HOURS: Final = 24
ENOUGH: Final = 50  # tracks; fewer say more about single days than about the home
_DAY_BEGINS: Final = 4  # o'clock; what is heard before belongs to the evening


def home_rhythm(heard: Sequence[float], hour: float) -> float | None:
    """Return which share of a day's music this home has usually heard by this hour (0-1).

    ``heard`` counts tracks by the local hour they began in (24 of them), ``hour`` is 0-24. A shift
    worker's morning and an early riser's are the same moment to it. The day begins at four. None
    while fewer than ENOUGH tracks were heard.
    """
    counts = np.roll(np.asarray(heard, dtype=np.float64), -_DAY_BEGINS)
    if counts.shape != (HOURS,):
        raise ValueError(f"heard must have {HOURS} counts, not {counts.shape}")
    total = counts.sum()
    if total < ENOUGH:
        return None
    gone = np.concatenate(([0.0], np.cumsum(counts)))
    return float(np.interp((hour - _DAY_BEGINS) % HOURS, np.arange(HOURS + 1), gone) / total)
