"""What a listener heard before: when it tires, and when the unknown is worth more.

Each play counts 2^(-age / half-life), a skipped one half of that. What that adds up to saturates,
1 - exp(-sum): the tenth play in a row costs little more than the third. Liking rises with the
first meetings and falls with satiation (D. E. Berlyne 1970, Percept. Psychophys. 8, 279; R. F.
Bornstein 1989, Psychol. Bull. 106, 265); sizes and half-lives are assumptions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from .catalog import Catalog
from .effects import Effect
from .features import Doubles, Rows
from .index import Index
from .listener import Heard, Listener
from .recordings import first_artist

HOUR: Final = 3600.0
SKIPPED: Final = 0.5  # of a play
TRACK: Final = (2.5, 72 * HOUR, 1.0)  # utility at most, half-life, plays until 63 % of it
ARTIST: Final = (1.0, 12 * HOUR, 3.0)
NOVELTY: Final = (0.8, 90 * 24 * HOUR, 3.0)


@dataclass(frozen=True, slots=True)
class Past:
    """A listener's plays, and the rows of a catalog they have to do with.

    Of each play: when it was (seconds), how much it counts, which of `tracks` and which artist (a
    number) was heard. `tracks` are rows, -1 if the catalog lacks one. `rows`, ascending, are all by
    those artists and all of `tracks`; `by` says whose they are, -1 for nobody's.
    """

    when: Doubles
    weight: Doubles
    track: Rows
    artist: Rows
    tracks: Rows
    rows: Rows
    by: Rows

    @classmethod
    def of(cls, listener: Listener, catalog: Catalog) -> Self:
        """Look a listener's history up, as long as it stays the same once."""
        history, index = listener.history, Index.of(catalog)
        return index.remember(
            ("history", listener.id), lambda: cls._of(history, catalog, index), given=history
        )

    @classmethod
    def _of(cls, history: Sequence[Heard], catalog: Catalog, index: Index) -> Self:
        heard = catalog.rows_of([play.uri for play in history])
        codes = index.artist[heard].astype(np.int64)
        for place in np.flatnonzero(heard < 0).tolist():
            codes[place] = index.artists.get(first_artist(history[place].artist), -1)
        tracks, track = np.unique(heard, return_inverse=True)
        artists, artist = np.unique(codes, return_inverse=True)
        known = np.flatnonzero(artists >= 0)
        theirs, which = index.rows_of_first(artists[known])
        rows = np.union1d(theirs, tracks[tracks >= 0])
        by = np.full(len(rows), -1)
        by[np.searchsorted(rows, theirs)] = known[which]
        weight = np.array([SKIPPED if play.completed is False else 1.0 for play in history])
        when = np.array([play.when for play in history])
        return cls(when, weight, track, artist, tracks, rows, by)


def heard(
    listener: Listener, past: Past, now: float, *, fatigue: float, novelty: float
) -> Iterator[Effect]:
    """Yield what a listener's plays until `now` take from the score, and what familiarity adds.

    A track tires, and so does its first artist. Familiar artists are worth more to listeners whose
    adventurousness is below a half, less to others. `fatigue` and `novelty` (0-1) scale the two.
    All effects are on the rows of `past`.
    """
    if len(past.rows) == 0:
        return
    age = now - past.when
    weight, age = past.weight * (age >= 0), np.maximum(age, 0.0)

    def told(what: Rows, size: tuple[float, float, float]) -> Doubles:
        """Return the saturated sum of the plays of each thing times the size; last, of nothing."""
        most, half_life, plenty = size
        count = np.bincount(what, weight * np.exp2(-age / half_life))
        return np.append(most * -np.expm1(-count / plenty), 0.0)

    if fatigue:
        tired = told(past.artist, ARTIST)[past.by]
        there = past.tracks >= 0
        tired[np.searchsorted(past.rows, past.tracks[there])] += told(past.track, TRACK)[:-1][there]
        yield Effect("fatigue", None, past.rows, -fatigue * tired)
    if leaning := novelty * (1 - 2 * listener.adventurousness):
        yield Effect("novelty", None, past.rows, leaning * told(past.artist, NOVELTY)[past.by])
