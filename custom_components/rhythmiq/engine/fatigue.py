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

    Of each play: when it was (seconds), how much it counts, and the numbers (from 1, 0: none) of
    the track and of the artist heard. `tracks` are the rows of the tracks; `rows`, ascending, are
    these and all by those artists: `by` says whose each is, `at` where `tracks` are among them.
    """

    when: Doubles
    weight: Doubles
    track: Rows
    artist: Rows
    tracks: Rows
    rows: Rows
    by: Rows
    at: Rows

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
        tracks, track = _numbered(heard)
        artists, artist = _numbered(codes)
        theirs, which = index.rows_of_first(artists)
        rows = np.union1d(theirs, tracks)
        by = np.zeros(len(rows), dtype=np.int64)
        by[np.searchsorted(rows, theirs)] = which + 1
        weight = np.array([SKIPPED if play.completed is False else 1.0 for play in history])
        when = np.array([play.when for play in history])
        at = np.searchsorted(rows, tracks)
        return cls(when, weight, track, artist, tracks, rows, by, at)


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
        """Return the saturated sum of the plays of each thing times the size; 0 for none."""
        most, half_life, plenty = size
        count = np.bincount(what, weight * np.exp2(age / -half_life))
        count[0] = 0.0
        saturated: Doubles = -most * np.expm1(count / -plenty)
        return saturated

    if fatigue:
        tired = told(past.artist, ARTIST)[past.by]
        tired[past.at] += told(past.track, TRACK)[1:]
        yield Effect("fatigue", None, past.rows, -fatigue * tired)
    if leaning := novelty * (1 - 2 * listener.adventurousness):
        yield Effect("novelty", None, past.rows, leaning * told(past.artist, NOVELTY)[past.by])


def _numbered(things: Rows) -> tuple[Rows, Rows]:
    """Return the distinct things, ascending, and the number of each (from 1, 0: negative, none)."""
    distinct, place = np.unique(things, return_inverse=True)
    none = int(np.count_nonzero(distinct < 0))
    return distinct[none:], np.maximum(place + 1 - none, 0)
