"""What a listener heard before: when it tires, and when the unknown is worth more.

Each play counts 2^(-age / half-life), a skipped one half. What that adds up to saturates,
1 - exp(-sum): the tenth play in a row costs little more than the third. Liking rises with the
first meetings and falls with satiation (D. E. Berlyne 1970, Percept. Psychophys. 8, 279; R. F.
Bornstein 1989, Psychol. Bull. 106, 265); sizes and half-lives are assumptions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from .catalog import Catalog
from .effects import Effect, gathered
from .features import Doubles, Rows
from .index import Index
from .listener import Listener
from .recordings import first_artist

HOUR: Final = 3600.0
TRACK: Final = (2.5, 72 * HOUR, 1.0)  # utility at most, half-life, plays until 63 % of it
ARTIST: Final = (1.0, 12 * HOUR, 3.0)
NOVELTY: Final = (0.8, 90 * 24 * HOUR, 3.0)


@dataclass(slots=True)
class _Plays:
    """Plays of one thing each: which (row or code), how long ago (seconds), how much it counts."""

    what: list[int] = field(default_factory=list)
    age: list[float] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)

    def add(self, what: int, age: float, weight: float) -> None:
        self.what.append(what)
        self.age.append(age)
        self.weight.append(weight)

    def told(self, size: tuple[float, float, float]) -> tuple[Rows, Doubles]:
        """Return what was played, and the saturated sum of its plays times the size."""
        most, half_life, plenty = size
        what, place = np.unique(np.array(self.what, dtype=np.int64), return_inverse=True)
        count = np.array(self.weight) * np.exp2(-np.array(self.age) / half_life)
        return what, most * -np.expm1(-np.bincount(place, count) / plenty)


def heard(
    listener: Listener, catalog: Catalog, now: float, *, fatigue: float = 1.0, novelty: float = 1.0
) -> Iterator[Effect]:
    """Yield what the plays before `now` take from the score, and what familiarity adds or takes.

    A track tires, and so does its first artist. Familiar artists are worth more to listeners whose
    adventurousness is below a half, less to others. `fatigue` and `novelty` (0-1) scale the two.
    """
    index = Index.of(catalog)
    tracks, artists = _plays(listener, catalog, index, now)
    if fatigue:
        rows, tired = tracks.told(TRACK)
        parts = [(rows, -fatigue * tired)]
        parts += _spread(index, artists, ARTIST, -fatigue)
        if (effect := gathered("fatigue", None, parts)) is not None:
            yield effect
    if leaning := novelty * (1 - 2 * listener.adventurousness):
        parts = _spread(index, artists, NOVELTY, leaning)
        if (effect := gathered("novelty", None, parts)) is not None:
            yield effect


def _plays(listener: Listener, catalog: Catalog, index: Index, now: float) -> tuple[_Plays, _Plays]:
    """Return the plays of tracks (by row) and of first artists (by code)."""
    tracks, artists = _Plays(), _Plays()
    for play in listener.history:
        if (age := now - play.when) < 0:
            continue
        weight = 0.5 if play.completed is False else 1.0
        if (row := catalog.index_of(play.uri)) is not None:
            tracks.add(row, age, weight)
            code = int(index.artist[row])
        else:
            code = index.artists.get(first_artist(play.artist), -1)
        if code >= 0:
            artists.add(code, age, weight)
    return tracks, artists


def _spread(
    index: Index, artists: _Plays, size: tuple[float, float, float], scale: float
) -> list[tuple[Rows, Doubles]]:
    """Give all tracks of an artist what the artist gets."""
    found = []
    for code, amount in zip(*artists.told(size), strict=True):
        rows = index.first_artist_rows(int(code))
        found.append((rows, np.full(len(rows), scale * amount)))
    return found
