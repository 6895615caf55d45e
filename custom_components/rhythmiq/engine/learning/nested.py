"""Effects of what a row is about: artist ⊃ track ⊃ (listener, track), eliminated in closed form.

Every group has one effect with prior N(0, v), v by level. Given the groups, the covariance of the
rows is S = v₀I + Σ_levels v · same-group (v₀: noise), block diagonal by artist. Because the levels
nest, S⁻¹ is found level by level, innermost first: with w a row's weight after the levels within
(1/v₀ at first) and c the sum of w over the rows of a group,

    S⁻¹ = I/v₀ - Σ_levels Σ_groups w wᵀ v / (1 + v c),    w ↦ w / (1 + v c),

and what the rows say about the effects of other rows follows outermost first. (Henderson's
mixed-model equations, absorbed: Searle, Casella and McCulloch 1992, ch. 5 and 7.)
"""

from collections.abc import Iterable
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
    factors: Doubles  # v / (1 + v c) of the row's group, float64[n, LEVELS]
    variances: Doubles  # v, float64[LEVELS]

    @classmethod
    def weigh(cls, codes: Codes, noise: float, variances: Doubles) -> Nested:
        """Run through the levels; `noise` is v₀."""
        weights, factors = np.empty(codes.shape), np.empty(codes.shape)
        weight = np.full(len(codes), 1 / noise)
        changed = np.logical_or.accumulate(codes[1:] != codes[:-1], axis=1)
        group = np.zeros(codes.shape, dtype=np.int64)
        np.cumsum(changed, axis=0, out=group[1:])
        for level in reversed(range(LEVELS)):
            weights[:, level] = weight
            count = np.bincount(group[:, level], weight)
            shrunk = (1 / (1 + variances[level] * count))[group[:, level]]
            factors[:, level] = variances[level] * shrunk
            weight = weight * shrunk
        return cls(codes, weights, factors, variances)

    def absorbed(self, pieces: Iterable[Doubles], width: int) -> Doubles:
        """Return WᵀW/v₀ - WᵀS⁻¹W, float64[width, width].

        W float64[n, width] comes in `pieces` of consecutive rows; groups may go across them.
        """
        total = np.zeros((width, width))
        pending = [np.zeros((1, width)) for _ in self.variances]  # sums of groups still open
        factors = [np.zeros(1) for _ in self.variances]
        row = 0
        for columns in pieces:
            rows = slice(row, row + len(columns))
            for level in range(LEVELS):
                new = _new(self.codes[:, : level + 1], rows)
                starts = np.flatnonzero(new | (np.arange(len(columns)) == 0))
                sums = np.add.reduceat(columns * self.weights[rows, level, None], starts)
                if not new[0]:
                    sums[0] += pending[level][0]
                    pending[level] = pending[level][:0]
                    factors[level] = factors[level][:0]
                sums = np.concatenate([pending[level], sums])
                factor = np.concatenate([factors[level], self.factors[rows, level][starts]])
                total += (sums[:-1] * factor[:-1, None]).T @ sums[:-1]
                pending[level], factors[level] = sums[-1:], factor[-1:]
            row = rows.stop
        for sums, factor in zip(pending, factors, strict=True):
            total += (sums * factor[:, None]).T @ sums
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


def _new(codes: Codes, rows: slice) -> NDArray[np.bool_]:
    """Tell which of some rows begin a new group."""
    new = np.ones(len(codes[rows]), dtype=bool)
    if rows.start:
        new[:] = (codes[rows] != codes[rows.start - 1 : rows.stop - 1]).any(axis=1)
    else:
        new[1:] = (codes[rows][1:] != codes[rows][:-1]).any(axis=1)
    return new
