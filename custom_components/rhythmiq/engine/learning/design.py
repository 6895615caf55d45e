"""The columns of the dense weights: the household's, then each listener's own in turn."""

from dataclasses import dataclass

import numpy as np

from ..features import Doubles
from .basis import HOUSEHOLD, Basis
from .evidence import MISFIT, NESTED
from .rows import Asked

WIDEST = 1600  # columns; listeners who come when all are taken have none of their own


@dataclass(frozen=True, slots=True)
class Design:
    """Measured columns and variance components: all that is estimated rather than solved for."""

    basis: Basis
    variances: Doubles  # float64[len(COMPONENTS)]

    @property
    def misfit(self) -> float:
        """The variance of what the form misses; without features and context it misses nothing."""
        there = len(self.basis.features.kept) + len(self.basis.context.kept)
        return float(self.variances[MISFIT]) if there else 0.0

    @property
    def noise(self) -> float:
        """The variance an outcome has around what the weights and effects say."""
        return float(self.variances[0]) + self.misfit

    @property
    def nested(self) -> Doubles:
        """The variances of artists, tracks and pairs, float64[LEVELS]."""
        return self.variances[1 : 1 + len(NESTED)]

    def width(self, n_listeners: int) -> int:
        """Return the number of columns when so many listeners are known."""
        first, each = len(self.basis.household_groups), len(self.basis.own_groups)
        return first + each * min(n_listeners, max((WIDEST - first) // each, 0))

    def columns(self, asked: Asked, width: int) -> Doubles:
        """Return float64[n, width], scaled so that every weight has prior variance 1."""
        return self.combine(self.basis.coordinates(asked.features), asked, width)

    def combine(self, coordinates: Doubles, asked: Asked, width: int) -> Doubles:
        """Return the same for given coordinates of features, in which they are linear."""
        parts = self.basis.combine(coordinates, asked.context, asked.recollections)
        household, own = (part * scale for part, scale in zip(parts, self.scales(), strict=True))
        first, each = household.shape[1], own.shape[1]
        wide = np.zeros((len(household), width))
        wide[:, :first] = household
        start = first + each * asked.listener
        there = np.flatnonzero((asked.listener >= 0) & (start + each <= width))
        wide[there[:, None], start[there, None] + np.arange(each)] = own[there]
        return wide

    def scales(self) -> tuple[Doubles, Doubles]:
        """Return the prior deviations of the household's and of a listener's own weights."""
        deviations = np.sqrt(self.variances[1 + len(NESTED) : MISFIT])
        return (
            deviations[: len(HOUSEHOLD)][self.basis.household_groups],
            deviations[len(HOUSEHOLD) :][self.basis.own_groups],
        )
