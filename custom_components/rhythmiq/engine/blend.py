"""Several listeners, one list: the average of what it is worth to them, without misery.

J. Masthoff (2004), User Model. User-Adapt. Interact. 14, 37: people who choose for a group average,
and spare everybody what they would hate. What a track is worth to the group is

    mean + LEAST_HAPPY · (minimum - mean)

over the listeners, and a track that is worth less than FLOOR to anybody is unwanted: it comes only
after everything else. Both rise, or stay, when it is worth more to one of them.
"""

from typing import Final

from .features import Doubles, Mask

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
