"""Which artists and genres a listener was seen to like, from how often they finished them.

Of a kind that was heard h times and finished f times, a listener's chance to finish is estimated as
(f + S · u) / (h + S), u being their usual chance: shrunk to what is usual by S tracks, the mean of
a beta posterior (A. Gelman et al. 2013, Bayesian Data Analysis, 3rd ed., section 2.4). It is
learned where it differs from the usual by more than CERTAIN of its standard deviations and by more
than NOTABLE at all: who finishes everything likes nothing in particular.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import math
from typing import Final

from .preferences import Observed

ENOUGH: Final = 5  # tracks
SHRINKAGE: Final = 4.0  # tracks
CERTAIN: Final = 1.64  # standard deviations: 95 %, one-sided
NOTABLE: Final = 0.15  # of a chance
MOST: Final = 20  # learned preferences: more nobody reads

type About = tuple[str, str]  # kind, value


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tracks were heard, and how many of them finished."""

    heard: int
    finished: int

    def __add__(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(self.heard + other.heard, self.finished + other.finished)


def likings(tallies: Mapping[About, Tally], usual: Tally) -> list[Observed]:
    """Return what is liked or disliked, surest first; `usual` counts everything.

    The weight is the difference from the usual chance to finish, relative to what is possible:
    1 where always against never.
    """
    if usual.heard < ENOUGH:
        return []
    chance = usual.finished / usual.heard
    found: list[tuple[float, Observed]] = []
    for (kind, value), tally in tallies.items():
        if tally.heard < ENOUGH:
            continue
        total = tally.heard + SHRINKAGE
        estimate = (tally.finished + SHRINKAGE * chance) / total
        difference = estimate - chance
        certainty = abs(difference) / math.sqrt(max(estimate * (1 - estimate), 1e-9) / (total + 1))
        if certainty > CERTAIN and abs(difference) > NOTABLE:
            room = 1 - chance if difference > 0 else chance
            weight = round(difference / room, 2)
            observed = Observed(kind, value, tally.finished, tally.heard, weight)
            found.append((certainty, observed))
    found.sort(key=lambda each: (-each[0], each[1].kind, each[1].value))
    return [observed for _, observed in found[:MOST]]
