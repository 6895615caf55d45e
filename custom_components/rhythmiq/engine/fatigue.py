"""What a listener heard before: when it tires, and when the unknown is worth more.

Each play counts 2^(-age / half-life), a skipped one half of that. What that adds up to saturates,
1 - exp(-sum): the tenth play in a row costs little more than the third. Liking rises with the
first meetings and falls with satiation (D. E. Berlyne 1970, Percept. Psychophys. 8, 279; R. F.
Bornstein 1989, Psychol. Bull. 106, 265); sizes and half-lives are assumptions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from .catalog import Catalog
from .effects import Effect, gathered
from .features import Doubles, Rows
from .index import Index
from .listener import Listener
from .recordings import first_artist

HOUR: Final = 3600.0
SKIPPED: Final = 0.5  # of a play
TRACK: Final = (2.5, 72 * HOUR, 1.0)  # utility at most, half-life, plays until 63 % of it
ARTIST: Final = (1.0, 12 * HOUR, 3.0)
NOVELTY: Final = (0.8, 90 * 24 * HOUR, 3.0)


@dataclass(frozen=True, slots=True)
class Past:
    """k plays of a listener: of which row and first artist (-1 unknown), and how long ago (s)."""

    row: Rows
    artist: Rows
    age: Doubles
    weight: Doubles  # how much each counts

    @classmethod
    def of(cls, listener: Listener, catalog: Catalog, now: float | None) -> Self:
        """Look up the plays until `now`; without it there are none."""
        plays = [play for play in listener.history if now is not None and play.when <= now]
        index = Index.of(catalog)
        rows = catalog.rows_of([play.uri for play in plays])
        artists = index.artist[rows].astype(np.int64)
        for place in np.flatnonzero(rows < 0).tolist():
            artists[place] = index.artists.get(first_artist(plays[place].artist), -1)
        when = np.array([play.when for play in plays])
        weight = np.array([SKIPPED if play.completed is False else 1.0 for play in plays])
        return cls(rows, artists, (now or 0.0) - when, weight)


class _Told:
    """What the plays of some things tell; `what` each was of, nothing where it is negative."""

    def __init__(self, past: Past, what: Rows) -> None:
        known = what >= 0
        self._age, self._weight = past.age[known], past.weight[known]
        self.what, self._place = np.unique(what[known], return_inverse=True)

    def told(self, size: tuple[float, float, float]) -> Doubles:
        """Return, for each of `what`, the saturated sum of its plays times the size."""
        most, half_life, plenty = size
        count = self._weight * np.exp2(-self._age / half_life)
        told: Doubles = most * -np.expm1(-np.bincount(self._place, count) / plenty)
        return told


def heard(
    listener: Listener, past: Past, index: Index, *, fatigue: float, novelty: float
) -> Iterator[Effect]:
    """Yield what a listener's plays take from the score, and what familiarity adds or takes.

    A track tires, and so does its first artist. Familiar artists are worth more to listeners whose
    adventurousness is below a half, less to others. `fatigue` and `novelty` (0-1) scale the two.
    """
    if len(past.row) == 0:
        return
    artists = _Told(past, past.artist)
    rows, of_artist = index.rows_of_first(artists.what)
    order = np.argsort(rows)
    rows, of_artist = rows[order], of_artist[order]
    if fatigue:
        tracks = _Told(past, past.row)
        parts = [
            (tracks.what, -fatigue * tracks.told(TRACK)),
            (rows, -fatigue * artists.told(ARTIST)[of_artist]),
        ]
        if (effect := gathered("fatigue", None, parts)) is not None:
            yield effect
    if leaning := novelty * (1 - 2 * listener.adventurousness):
        parts = [(rows, leaning * artists.told(NOVELTY)[of_artist])]
        if (effect := gathered("novelty", None, parts)) is not None:
            yield effect
