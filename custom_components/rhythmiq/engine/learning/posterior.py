"""The exact posterior of the household's and the listeners' weights, given the variances.

Weights are scaled to prior N(0, I); V is their covariance and b their mean. The effects of artists
and tracks are absorbed (nested.py), so a row with columns x acts through u = x - x̃, what its
artist and track have not said yet. One more row is the rank-one (Sherman-Morrison) step

    V ← V - (Vu)(Vu)ᵀ / s,   b ← b + Vu (y - ŷ) / s,   s = σ² + κ + uᵀVu,

κ being the remaining variance of its artist's and track's effects.
"""

import numpy as np

from ..features import Doubles


class Posterior:
    """Mean float64[p] and covariance float64[p, p] of weights that start at N(0, I)."""

    def __init__(self, mean: Doubles, covariance: Doubles) -> None:
        """Take over the arrays."""
        self.mean, self.covariance = mean, covariance

    @classmethod
    def solve(cls, gram: Doubles, pull: Doubles) -> Posterior:
        """Return the posterior for XᵀΣ⁻¹X float64[p, p] and XᵀΣ⁻¹y float64[p]."""
        precision = gram + np.eye(len(gram))
        covariance = np.linalg.inv(precision)
        covariance = (covariance + covariance.T) / 2
        return cls(covariance @ pull, covariance)

    def widen(self, width: int) -> None:
        """Add weights about which nothing is known until there are `width`."""
        old = len(self.mean)
        if width <= old:
            return
        covariance = np.eye(width)
        covariance[:old, :old] = self.covariance
        self.covariance = covariance
        self.mean = np.concatenate([self.mean, np.zeros(width - old)])

    def predict(self, columns: Doubles) -> tuple[Doubles, Doubles]:
        """Return mean and variance of each row of u float64[n, p] times the weights."""
        spread = columns @ self.covariance
        return columns @ self.mean, np.maximum(np.einsum("ij,ij->i", spread, columns), 0)

    def learn(self, column: Doubles, surprise: float, noise: float) -> None:
        """Take in one row u float64[p] whose outcome missed its expectation by `surprise`.

        `noise` is σ² + κ.
        """
        gain = self.covariance @ column
        total = noise + float(column @ gain)
        self.mean += gain * (surprise / total)
        self.covariance -= np.outer(gain / total, gain)
