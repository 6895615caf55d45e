"""Effects of what a row is about: artist ⊃ track ⊃ (listener, track), eliminated in closed form.

Every group has one effect with prior N(0, v), v by level. Given the groups, the covariance of the
rows is S = v₀I + Σ_levels v · same-group (v₀: noise), block diagonal by artist. Because the levels
nest, S⁻¹ is found level by level, innermost first: with w a row's weight after the levels within
(1/v₀ at first) and c the sum of w over the rows of a group,

    S⁻¹ = I/v₀ - Σ_levels Σ_groups w wᵀ v / (1 + v c),    w ↦ w / (1 + v c),

and what the rows say about the effects of other rows follows outermost first. (Henderson's
mixed-model equations, absorbed: Searle, Casella and McCulloch 1992, ch. 5 and 7.)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..features import Doubles
from .rows import Codes

LEVELS = 3  # artist, track, (listener, track): outermost first


@dataclass(frozen=True, slots=True)
class Nested:
    """Rows with codes int64[n, LEVELS] in lexicographic order, and their weights per level."""

    codes: Codes
    weights: Doubles  # w, float64[n, LEVELS]
    variances: Doubles  # v, float64[LEVELS]

    @classmethod
    def weigh(cls, codes: Codes, noise: float, variances: Doubles) -> Nested:
        """Run through the levels; `noise` is v₀."""
        weights = np.empty(codes.shape)
        weight = np.full(len(codes), 1 / noise)
        for level in reversed(range(LEVELS)):
            weights[:, level] = weight
            starts = _starts(codes[:, : level + 1])
            if len(starts):
                count = np.add.reduceat(weight, starts)
                size = np.diff(starts, append=len(codes))
                weight = weight / np.repeat(1 + variances[level] * count, size)
        return cls(codes, weights, variances)

    def absorbed(self, columns: Doubles) -> Doubles:
        """Return WᵀW/v₀ - WᵀS⁻¹W, float64[k, k], for columns W float64[n, k]."""
        total = np.zeros((columns.shape[1],) * 2)
        for level, variance in enumerate(self.variances):
            starts = _starts(self.codes[:, : level + 1])
            if len(starts):
                weight = self.weights[:, level]
                sums = np.add.reduceat(columns * weight[:, None], starts)
                count = np.add.reduceat(weight, starts)
                total += (sums * (variance / (1 + variance * count))[:, None]).T @ sums
        return total

    def recall(self, asked: Codes) -> tuple[Doubles, Doubles]:
        """Return what these rows say about the effects of rows with codes int64[m, LEVELS].

        First float64[m, n]: what multiplies into the expected sums of effects, kᵀS⁻¹; then
        float64[m]: the variance of those sums.
        """
        share, variance = np.zeros((len(asked), len(self.codes))), np.zeros(len(asked))
        for level, prior in enumerate(self.variances):
            same = (asked[:, level, None] == self.codes[:, level]) * self.weights[:, level]
            own = prior / (1 + prior * same.sum(axis=1))
            passed = own / prior
            share *= passed[:, None]
            share += own[:, None] * same
            variance = passed**2 * variance + own
        return share, variance


def _starts(codes: Codes) -> NDArray[np.intp]:
    """Return where a new group begins."""
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (codes[1:] != codes[:-1]).any(axis=1)
    return np.flatnonzero(new)
