"""What a listener heard before: when it tires, and when the unknown is worth more.

Each play counts 2^(-age / half-life), a skipped one half of that. What that adds up to saturates,
1 - exp(-sum): the tenth play in a row costs little more than the third. Liking rises with the
first meetings and falls with satiation (D. E. Berlyne 1970, Percept. Psychophys. 8, 279; R. F.
Bornstein 1989, Psychol. Bull. 106, 265); sizes and half-lives are assumptions.
"""

from collections.abc import Iterator
from typing import Final

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


class _Plays:
    """Plays of some things: what each was of, how long ago (seconds), how much it counts."""

    def __init__(self, what: Rows, age: Doubles, weight: Doubles) -> None:
        """Take plays int64[k], float64[k], float64[k]; of what is negative nothing is known."""
        known = what >= 0
        self._age, self._weight = age[known], weight[known]
        self.what, self._place = np.unique(what[known], return_inverse=True)

    def told(self, size: tuple[float, float, float]) -> Doubles:
        """Return, for each of `what`, the saturated sum of its plays times the size."""
        most, half_life, plenty = size
        count = self._weight * np.exp2(-self._age / half_life)
        told: Doubles = most * -np.expm1(-np.bincount(self._place, count) / plenty)
        return told


def heard(
    listener: Listener, catalog: Catalog, now: float, *, fatigue: float = 1.0, novelty: float = 1.0
) -> Iterator[Effect]:
    """Yield what the plays before `now` take from the score, and what familiarity adds or takes.

    A track tires, and so does its first artist. Familiar artists are worth more to listeners whose
    adventurousness is below a half, less to others. `fatigue` and `novelty` (0-1) scale the two.
    """
    index = Index.of(catalog)
    tracks, artists = _plays(listener, catalog, index, now)
    rows, of_artist = index.rows_of_first(artists.what)
    order = np.argsort(rows)
    rows, of_artist = rows[order], of_artist[order]
    if fatigue:
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


def _plays(listener: Listener, catalog: Catalog, index: Index, now: float) -> tuple[_Plays, _Plays]:
    """Return the plays of tracks (by row) and of first artists (by code)."""
    plays = [play for play in listener.history if play.when <= now]
    found = [catalog.index_of(play.uri) for play in plays]
    rows = np.array([-1 if row is None else row for row in found], dtype=np.int64)
    codes = index.artist[rows].astype(np.int64)
    for place in np.flatnonzero(rows < 0).tolist():
        codes[place] = index.artists.get(first_artist(plays[place].artist), -1)
    age = now - np.array([play.when for play in plays])
    weight = np.array([SKIPPED if play.completed is False else 1.0 for play in plays])
    return _Plays(rows, age, weight), _Plays(codes, age, weight)
