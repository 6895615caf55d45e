"""Noticing that a moment has really changed, and not only moved.

How far apart two moments are is how differently they would have music chosen: each asks features of
a track for so and so much (``engine.prior``, in utility per standard deviation), and the distance
is the length of the difference of what they ask. For features that are independent that is the
standard deviation by which the scores of a catalog's tracks move. At 0 both moments have the same
favourites; 5 dB of noise are 0.2, three guests 0.6, a television that is switched on 0.8.

Three things keep it calm. What was not known and now is, or the other way round, is no change: a
sensor that fails changes nothing. A change counts once it has held for ``HOLDS_SECONDS``. And what
was noticed is where the next change is measured from, so that going to and fro around a limit is
none.
"""

from collections.abc import Iterable, Mapping
import math
from typing import Final

from ..engine import Context
from ..engine.prior import terms

FAR: Final = 0.5
HOLDS_SECONDS: Final = 120.0
PEOPLE: Final = "people"
"""What `Drift.look` calls somebody coming or going."""


def parts(before: Context, after: Context) -> Mapping[str, float]:
    """Return how far each variable that both moments know moves what they ask for (utility)."""
    asked = [{term.key: term.slopes for term in terms(moment)} for moment in (before, after)]
    first, second = asked
    return {
        key: math.dist(tuple(slopes.values()), tuple(second[key][name] for name in slopes))
        for key, slopes in first.items()
        if key in second
    }


def distance(before: Context, after: Context) -> float:
    """Return how far apart two moments are, as far as both are known (utility, from 0)."""
    known = before.values.keys() & after.values.keys()
    moved: dict[str, float] = {}
    for sign, moment in ((1.0, after), (-1.0, before)):
        shared = Context({key: value for key, value in moment.values.items() if key in known})
        for term in terms(shared):
            for name, slope in term.slopes.items():
                moved[name] = moved.get(name, 0.0) + sign * slope
    return math.hypot(*moved.values())


class Drift:
    """One moment and those who share it, and whether it is still the same."""

    def __init__(self, moment: Context, people: Iterable[str] = ()) -> None:
        """Begin here: changes are changes from this."""
        self._moment = moment
        self._people = frozenset(people)
        self._since: float | None = None

    def look(self, at: float, moment: Context, people: Iterable[str] = ()) -> str | None:
        """Return what has changed most, once something has for long enough, else None.

        That is the key of a variable, or ``PEOPLE``. ``at`` is in seconds that never jump.
        """
        self._moment = Context({**moment.values, **self._moment.values})
        came_or_went = frozenset(people) != self._people
        if not came_or_went and distance(self._moment, moment) < FAR:
            self._since = None
            return None
        if self._since is None:
            self._since = at
        if at - self._since < HOLDS_SECONDS:
            return None
        if came_or_went:
            return PEOPLE
        moved = parts(self._moment, moment)
        return max(moved, key=lambda key: (moved[key], key))
