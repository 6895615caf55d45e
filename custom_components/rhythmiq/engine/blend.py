"""Several listeners, one list: the average of what it is worth to them, without misery.

J. Masthoff (2004), User Model. User-Adapt. Interact. 14, 37: people who choose for a group average,
and spare everybody what they would hate. What a track is worth to the group is

    mean + LEAST_HAPPY · (minimum - mean)

over the listeners, and a track that is worth less than FLOOR to anybody is unwanted: it comes only
after everything else. Both rise, or stay, when it is worth more to one of them.
"""

from typing import Final

import numpy as np

from .features import Doubles, Floats, Mask

LEAST_HAPPY: Final = 0.25  # 0 is the average, 1 would be the least happy listener alone
FLOOR: Final = -3.0  # utility; where being bored ends and misery begins


def least_happy(happiness: Doubles) -> Doubles:
    """Return what the least happy of the listeners (first axis) takes from the average; <= 0."""
    taken: Doubles = LEAST_HAPPY * (happiness.min(axis=0) - happiness.mean(axis=0))
    return taken


def unwanted(happiness: Doubles) -> Mask:
    """Tell which tracks cross somebody's floor; `happiness` is [listeners, n]."""
    crossed: Mask = happiness.min(axis=0) < FLOOR
    return crossed


def add_blended(score: Floats, happiness: Floats, *, unwanted_costs: float, margin: float) -> None:
    """Add what happiness float32[listeners, n] is worth to the group to a score float32[n].

    Tracks that cross the floor by more than `margin` lose `unwanted_costs` besides.
    """
    least = happiness.min(axis=0)
    crossed = np.flatnonzero(least < FLOOR - margin)
    mean = np.add.reduce(happiness, axis=0)
    mean *= np.float32((1 - LEAST_HAPPY) / len(happiness))
    score += mean
    least *= np.float32(LEAST_HAPPY)
    score += least
    score[crossed] -= np.float32(unwanted_costs)
