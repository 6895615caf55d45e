"""Effects of what a row is about: artist ⊃ track ⊃ (listener, track), eliminated in closed form.

Every group has one effect with prior N(0, v), v by level. Given the groups, the covariance of the
rows is S = v₀I + Σ_levels v · same-group, block diagonal by artist. Because the levels nest, S⁻¹
applies to columns W[n, k] by a recursion upwards: a group hands its parent

    (q, c)  ↦  (Σ q / (1 + v c),  Σ c / (1 + v c)),    q = 1ᵀQW,  c = 1ᵀQ1,

with Q the inverse of what lies below, starting at q = W/v₀, c = 1/v₀ (v₀: noise). The posterior
of the groups' effects follows downwards (Henderson's mixed-model equations, absorbed; Searle,
Casella and McCulloch 1992, ch. 5 and 7).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..features import Doubles
from .rows import Codes

LEVELS = 3  # artist, track, (listener, track): outermost first


@dataclass(frozen=True, slots=True)
class Level:
    """The groups of one level: who they are and what their rows say."""

    codes: Codes  # int64[g] ascending
    sums: Doubles  # q, float64[g, k]
    weights: Doubles  # c, float64[g]


@dataclass(frozen=True, slots=True)
class Collected:
    """All levels (outermost first) of some rows, and what is left of their second moments."""

    levels: tuple[Level, ...]
    variances: Doubles  # v of each level

    def absorbed(self) -> Doubles:
        """Return Σ_levels Σ_groups q qᵀ v / (1 + v c), float64[k, k]: WᵀW/v₀ minus WᵀS⁻¹W."""
        width = self.levels[0].sums.shape[1]
        total = np.zeros((width, width))
        for level, variance in zip(self.levels, self.variances, strict=True):
            scaled = level.sums * (variance / (1 + variance * level.weights))[:, None]
            total += scaled.T @ level.sums
        return total

    def recall(self, codes: Codes) -> tuple[Doubles, Doubles]:
        """Return what is known of the effects of the rows with `codes` int64[n, LEVELS].

        First float64[n, k]: what multiplies into the expected sum of a row's effects, column for
        column of W; then float64[n]: the variance of that sum.
        """
        n, width = len(codes), self.levels[0].sums.shape[1]
        mean, variance = np.zeros((n, width)), np.zeros(n)
        for level, prior, code in zip(self.levels, self.variances, codes.T, strict=True):
            place = np.searchsorted(level.codes, code)
            known = place < len(level.codes)
            known[known] = level.codes[place[known]] == code[known]
            count = np.zeros(n)
            count[known] = level.weights[place[known]]
            own = prior / (1 + prior * count)
            passed = 1 - own * count
            mean *= passed[:, None]
            mean[known] += own[known, None] * level.sums[place[known]]
            variance = passed**2 * variance + own
        return mean, variance


def collect(codes: Codes, columns: Doubles, noise: float, variances: Doubles) -> Collected:
    """Run the recursion upwards over rows sorted by `codes` int64[n, LEVELS] (lexicographically).

    `columns` is W float64[n, k], `noise` is v₀, `variances` is v float64[LEVELS].
    """
    sums, weights = columns / noise, np.full(len(columns), 1 / noise)
    levels: list[Level] = []
    for depth in reversed(range(LEVELS)):
        starts = _starts(codes[:, : depth + 1])
        sums = np.add.reduceat(sums, starts) if len(starts) else sums
        weights = np.add.reduceat(weights, starts) if len(starts) else weights
        codes = codes[starts]
        levels.append(Level(codes[:, depth], sums, weights))
        shrunk = 1 / (1 + variances[depth] * weights)
        sums, weights = sums * shrunk[:, None], weights * shrunk
    return Collected(tuple(_ascending(level) for level in reversed(levels)), variances)


def _ascending(level: Level) -> Level:
    order = np.argsort(level.codes)
    return Level(level.codes[order], level.sums[order], level.weights[order])


def _starts(codes: Codes) -> NDArray[np.intp]:
    """Return where a new group begins."""
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (codes[1:] != codes[:-1]).any(axis=1)
    return np.flatnonzero(new)
