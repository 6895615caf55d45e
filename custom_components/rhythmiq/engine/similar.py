"""More like these: how much more likely a track is where the seeds come from than anywhere.

For each feature the seeds' distribution is compared with the catalog's, and the logarithms of the
ratios are summed. With few seeds the comparison relies on what is usual for tracks that belong
together, with many on the seeds. The features are taken one by one on purpose: ten tracks say where
they stand, but not how fourteen features vary together.
"""

from collections.abc import Mapping
import math

import numpy as np
from numpy.typing import ArrayLike

from .catalog import Catalog
from .features import Doubles, Rows
from .imputation import Genres
from .index import Codes, Index
from .marginals import EDGES, GRID, Marginal

# Assumptions about tracks that belong together (a playlist, an evening), round on purpose. In
# public playlists the spread is .2 of the catalog's for the year and .4 to .95 for the rest; half
# as much again of any other of these numbers, or half of it, changes little.
_SPREAD = 0.5  # of the catalog's variance: as much within such a list as between lists
_SPREADS: Mapping[str, float] = {"release_year": 0.2}  # a list keeps to its era
_SPREAD_WORTH = 4.0  # observations that each spread is worth
_BANDWIDTH = 0.15  # standard deviations: how near to one seed is "like that one"
_SMOOTH_WORTH = 40.0  # seeds until single seeds say as much as their bell curve
_SAME_YEAR_WORTH = 10.0  # the same where near means equal
_OTHER_ARTISTS_WORTH = 100.0  # seeds until their artists say as much as the catalog's
_OTHER_GENRES_WORTH = 10.0  # the same for genres
_GENRE_NEARNESS = 0.5  # at that distance of the embedding a genre is still a neighbour


class Likeness:
    """A set of seeds, and how alike each track is to them.

    `seeds` are rows of the catalog; one given twice counts once. Raises ValueError if there are
    none, or one is out of range.
    """

    def __init__(self, catalog: Catalog, seeds: ArrayLike) -> None:
        """Fit the seeds' distributions."""
        rows = _rows(seeds, catalog.n_tracks)
        self._n_tracks = catalog.n_tracks
        self._fits: list[_Feature | _Artists | _Genres] = [
            *(_Feature(marginal, rows) for marginal in catalog.marginals),
            _Artists(Index.of(catalog).artist, rows),
        ]
        if catalog.genre_names:
            places = catalog.genre_embedding
            self._fits.append(_Genres(catalog.tracks_by_genre, places, rows))

    def scores(self) -> Doubles:
        """Return every track's log-likelihood ratio, float64[n]; 0 is as good as any track."""
        total = np.zeros(self._n_tracks)
        for fit in self._fits:
            total += fit.ratios()
        return total

    def parts(self, rows: Rows) -> dict[str, Doubles]:
        """Return what each feature, "artist" and "genre" contribute to the scores of some tracks.

        float64[k] each; their sum is the score.
        """
        return {fit.name: fit.ratios()[rows] for fit in self._fits}


def similar(catalog: Catalog, seeds: ArrayLike) -> Doubles:
    """Score every track by how much it is like the seeds (rows of the catalog), float64[n].

    See Likeness.
    """
    return Likeness(catalog, seeds).scores()


def _rows(seeds: ArrayLike, n_tracks: int) -> Rows:
    given = np.asarray(seeds)
    if given.ndim != 1 or len(given) == 0 or not np.issubdtype(given.dtype, np.integer):
        raise ValueError("seeds must be row numbers, at least one")
    if given.min() < 0 or given.max() >= n_tracks:
        raise ValueError(f"seeds must be rows of the catalog, 0 to {n_tracks - 1}")
    return np.unique(given).astype(np.int64)


class _Artists:
    """The seeds' artists against the catalog's: a Chinese restaurant process.

    A track whose artist is unknown says nothing.
    """

    name = "artist"

    def __init__(self, artist: Codes, seeds: Rows) -> None:
        self._artist = artist
        known = artist[seeds][artist[seeds] >= 0]
        self._n = len(known)
        self._of_seeds = np.unique(known, return_counts=True)

    def ratios(self) -> Doubles:
        """Return the log ratio of every track."""
        known = self._artist >= 0
        other = -math.log1p(self._n / _OTHER_ARTISTS_WORTH)
        ratios = np.where(known, other, 0.0)
        n_known = np.count_nonzero(known)
        for artist, count in zip(*self._of_seeds, strict=True):
            theirs = np.flatnonzero(self._artist == artist)
            over = count * n_known / len(theirs)
            ratios[theirs] = other + math.log1p(over / _OTHER_ARTISTS_WORTH)
        return ratios


class _Genres:
    """The seeds' genres and those near them, against the catalog's.

    A seed makes the genres around its own likely, in a way that averages one over the catalog. A
    track of several genres is like any of them with equal chance; one without says nothing.
    """

    name = "genre"

    def __init__(self, pairs: Genres, places: Doubles, seeds: Rows) -> None:
        self._pairs = pairs
        self._genres_of = np.bincount(pairs.track, minlength=pairs.n_tracks)
        weight = 1.0 / self._genres_of[pairs.track]
        usual = np.bincount(pairs.genre, weight, minlength=pairs.n_genres)
        usual = usual / usual.sum()
        of_seeds = np.isin(pairs.track, seeds)
        counts = np.bincount(pairs.genre[of_seeds], weight[of_seeds], minlength=pairs.n_genres)
        self._ratio = np.full(pairs.n_genres, _OTHER_GENRES_WORTH)
        for genre in np.flatnonzero(counts).tolist():
            apart = ((places - places[genre]) ** 2).sum(axis=1)
            near = np.exp(-apart / (2 * _GENRE_NEARNESS**2))
            self._ratio += counts[genre] * near / float(usual @ near)
        self._ratio /= _OTHER_GENRES_WORTH + float(counts.sum())

    def ratios(self) -> Doubles:
        """Return the log ratio of every track."""
        pairs = self._pairs
        total = np.bincount(pairs.track, self._ratio[pairs.genre], minlength=pairs.n_tracks)
        known = self._genres_of > 0
        ratios: Doubles = np.zeros(pairs.n_tracks)
        ratios[known] = np.log(total[known] / self._genres_of[known])
        return ratios


class _Feature:
    """The seeds' distribution of one feature's normal scores, against the catalog's N(0, 1).

    The bell curve is the posterior predictive of a normal distribution with unknown mean and
    variance (Student's t, conjugate prior); single seeds are mixed in as in a Dirichlet process
    whose base it is. A seed's missing value counts as far as its genres tell it.
    """

    def __init__(self, marginal: Marginal, seeds: Rows) -> None:
        self.name, self._marginal = marginal.name, marginal
        z, uncertainty = marginal.at(seeds)
        order = np.lexsort((uncertainty, z))  # so that the order of the rows does not show
        self._z, uncertainty = z[order], uncertainty[order]
        self._weight = 1.0 - uncertainty
        n = float(self._weight.sum())
        spread = _SPREADS.get(marginal.name, _SPREAD)
        prior = spread / (1.0 - spread)  # observations a list's mean being average is worth
        mean = float(self._weight @ self._z) / max(n, 1e-12)
        scatter = float(self._weight @ ((self._z - mean) ** 2 + uncertainty))
        scatter += _SPREAD_WORTH * spread + n * prior / (n + prior) * mean**2
        self._n, self._freedom = n, _SPREAD_WORTH + n
        self._mean = n * mean / (n + prior)
        self._variance = scatter / self._freedom * (n + prior + 1) / (n + prior)

    def ratios(self) -> Doubles:
        """Return the log ratio of every track."""
        missing = self._marginal
        ratios = self._table()[missing.cell]
        ratios[missing.rows] = self._uncertain(missing.mean, missing.variance)
        return ratios

    def _table(self) -> Doubles:
        """Return the log ratio at each point of the grid."""
        f, v = self._freedom, self._variance
        log_t = (
            math.lgamma((f + 1) / 2) - math.lgamma(f / 2) - 0.5 * math.log(f * v / 2)
            - (f + 1) / 2 * np.log1p((GRID - self._mean) ** 2 / (f * v))
        )  # fmt: skip
        worth, single = (
            (_SAME_YEAR_WORTH, self._equal())
            if self.name == "release_year"
            else (_SMOOTH_WORTH, self._near())
        )
        ratio = worth * np.exp(log_t + GRID**2 / 2) + single
        usual = float(self._marginal.share @ ratio)  # 1, but for equal values and rounding
        return np.log(ratio / usual) if usual > 0 else np.zeros(len(GRID))

    def _near(self) -> Doubles:
        """Return the sum of the single seeds' ratios: a narrow bell around each."""
        keep = math.sqrt(1 - _BANDWIDTH**2)  # so that the seeds of the whole catalog give N(0, 1)
        apart = (GRID - keep * self._z[:, None]) / _BANDWIDTH
        near: Doubles = self._weight / _BANDWIDTH @ np.exp((GRID**2 - apart**2) / 2)
        return near

    def _equal(self) -> Doubles:
        """Return the same where only a known, equal value is near."""
        known = self._z[self._weight == 1]
        seeds = np.histogram(known, EDGES)[0].astype(np.float64)
        equal: Doubles = seeds / np.maximum(self._marginal.share, 1e-300)
        return equal

    def _uncertain(self, mean: Doubles, variance: Doubles) -> Doubles:
        """Return the log of the ratio expected where a value is only known as N(mean, variance).

        The bell curve is taken as normal; knowing nothing, N(0, 1), gives 0.
        """
        s, v = np.maximum(variance, 1e-6), self._variance
        precision = 1 / s + 1 / v - 1
        peak = mean / s + self._mean / v
        expected: Doubles = 0.5 * (
            peak**2 / precision - np.log(precision * s * v) - mean**2 / s - self._mean**2 / v
        )
        return expected
