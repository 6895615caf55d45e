"""Where each track stands among the catalog's, one feature at a time.

A feature's normal score is the standard normal quantile of its rank: by construction the catalog's
distribution is N(0, 1), whatever the feature's scale and shape.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .features import Doubles, Rows
from .imputation import Genres

_NORMAL = NormalDist()
_REACH = 4.0
GRID: Doubles = np.linspace(-_REACH, _REACH, 1025)  # normal scores; finer than any density here
EDGES: Doubles = np.append(GRID, np.inf) - (GRID[1] - GRID[0]) / 2  # of the cells around
_BELOW: Doubles = np.array([_NORMAL.cdf(z) for z in GRID.tolist()])


@dataclass(frozen=True, slots=True)
class Marginal:
    """One feature's normal scores: GRID[cell], uint16[n].

    Where the value is missing (`rows`, ascending), `mean` and `variance` say what the track's
    genres make expected, and `cell` means nothing.
    """

    name: str
    cell: NDArray[np.uint16]
    rows: Rows
    mean: Doubles
    variance: Doubles

    @property
    def share(self) -> Doubles:
        """Return the share of the known values in each cell, float64[len(GRID)]."""
        count = np.bincount(self.cell, minlength=len(GRID)).astype(np.float64)
        count -= np.bincount(self.cell[self.rows], minlength=len(GRID))
        return count / max(len(self.cell) - len(self.rows), 1)

    def values(self) -> Doubles:
        """Return all normal scores, float64[n], NaN where missing."""
        values = GRID[self.cell]
        values[self.rows] = np.nan
        return values

    def at(self, rows: Rows) -> tuple[Doubles, Doubles]:
        """Return mean and variance of some tracks' normal scores; known ones have variance 0."""
        mean, variance = GRID[self.cell[rows]], np.zeros(len(rows))
        place = np.searchsorted(self.rows, rows)
        for i, there in enumerate(place.tolist()):
            if there < len(self.rows) and self.rows[there] == rows[i]:
                mean[i], variance[i] = self.mean[there], self.variance[there]
        return mean, variance


def marginal(name: str, values: Doubles, genres: Genres) -> Marginal:
    """Rank a feature's values float64[n], NaN where missing; equal values share their rank."""
    known = ~np.isnan(values)
    z = np.zeros(len(values))
    _, group, size = np.unique(values[known], return_inverse=True, return_counts=True)
    rank = (np.cumsum(size) - size / 2) / max(int(known.sum()), 1)
    z[known] = np.interp(rank, _BELOW, GRID)[group]
    cell = np.rint((z + _REACH) * ((len(GRID) - 1) / (2 * _REACH))).astype(np.uint16)
    mean, variance = genres.expected(z, known)
    return Marginal(name, cell, np.flatnonzero(~known), mean, np.clip(variance, 0.0, 1.0))
