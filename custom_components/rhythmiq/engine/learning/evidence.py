"""How much each effect may say: variance components by maximal evidence.

The reward's covariance under the prior is Σ(v) = Σ_k v_k K_k, one kernel per effect. We maximise
log N(y; 0, Σ(v)) plus a wide log-normal prior on v over log v by Newton steps with the average
information matrix (Gilmour, Thompson and Cullis 1995; MacKay 1992 for the evidence). The prior
keeps a component that the data are silent about where it started, instead of at 0 or anywhere.

The last component, misfit, is what the others cannot express: a smooth function of features and
context of any form (squared exponential kernel), half the household's and half the listener's own.
Only its variance is learned, so that the model knows how far its form may be from the truth.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..features import Doubles
from .basis import HOUSEHOLD, OWN
from .nested import LEVELS
from .rows import Codes

NESTED = ("artist", "track", "pair")
COMPONENTS = ("noise", *NESTED, *HOUSEHOLD, *OWN, "misfit")
_START = {
    "noise": 0.1,
    "artist": 0.003,
    "track": 0.01,
    "pair": 0.003,
    "constant": 0.0625,
    "features": 0.005,
    "squares": 0.002,
    "context": 0.0005,
    "interactions": 0.0003,
    "recollections": 0.003,
    "listener": 0.01,
    "own features": 0.005,
    "own context": 0.0003,
    "own interactions": 0.0003,
    "own recollections": 0.001,
    "misfit": 0.01,
}  # variance of the reward, which is in [0, 1]
START: Doubles = np.array([_START[name] for name in COMPONENTS])
SPREAD = 1.5  # standard deviation of log v before data
MISFIT = COMPONENTS.index("misfit")
FIXED = COMPONENTS.index("constant")  # one coefficient: its variance cannot be estimated
UNMEASURED = [
    COMPONENTS.index(name) for name in ("features", "squares", "own features", "misfit")
]  # nothing to multiply before the first rows are measured
# Nobody's outcomes are exact, so that a surprise can be one: deviations of .01 and .001 at least.
LOWEST = np.where(np.arange(len(COMPONENTS)) == 0, np.log(1e-4), np.log(1e-6))
STEPS, LONGEST, ENOUGH = 16, 1.5, 0.02  # Newton steps: how many, how long in log v, when to stop


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows whose evidence is taken together; cost is cubic in n."""

    outcome: Doubles  # float64[n], the reward less what was expected a priori
    household: Doubles  # float64[n, p]
    household_groups: Codes
    own: Doubles  # float64[n, w]
    own_groups: Codes
    listener: Codes  # int64[n], -1 unknown
    nested: Codes  # int64[n, LEVELS]


def estimate(samples: Iterable[Sample], start: Doubles = START) -> Doubles:
    """Return v float64[len(COMPONENTS)], all positive, that fits independent `samples` best."""
    prepared = [_Prepared(sample) for sample in samples]
    theta = np.maximum(np.log(start), LOWEST)
    evidence, gradient, information = _total(prepared, theta, start)
    step = _newton(gradient, information)
    for _ in range(STEPS):
        trial = np.maximum(theta + step, LOWEST)
        if np.abs(trial - theta).max() < ENOUGH:
            break
        found, gradient, information = _total(prepared, trial, start)
        if found < evidence:
            step = step / 2
        else:
            theta, evidence, step = trial, found, _newton(gradient, information)
    variances: Doubles = np.exp(theta)
    return variances


def _newton(gradient: Doubles, information: Doubles) -> Doubles:
    """Return the step in log v; the prior makes the information positive definite."""
    step: Doubles = np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
    return step * min(1.0, LONGEST / float(np.abs(step).max(initial=1e-300)))


def _total(
    prepared: Sequence[_Prepared], theta: Doubles, start: Doubles
) -> tuple[float, Doubles, Doubles]:
    variances = np.exp(theta)
    offset = (theta - np.log(start)) / SPREAD**2
    evidence = -0.5 * float(offset @ (theta - np.log(start)))
    gradient, information = -offset, np.eye(len(theta)) / SPREAD**2
    for sample in prepared:
        value, slope, bend = sample.evidence(variances)
        evidence += value
        gradient = gradient + slope
        information += bend
    gradient[FIXED] = information[FIXED] = information[:, FIXED] = 0
    information[FIXED, FIXED] = 1
    return evidence, gradient, information


class _Prepared:
    """A sample with its masks of rows that share a listener or a group."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        known = sample.listener >= 0
        self._same = _equal(sample.listener) & known[:, None] & known
        self._same_group = [_equal(column) for column in sample.nested.T]
        self._similar = _similar(sample, self._same)

    def evidence(self, variances: Doubles) -> tuple[float, Doubles, Doubles]:
        """Return log evidence, its gradient and average information, both in log v."""
        sample, n = self._sample, len(self._sample.outcome)
        nested = variances[1 : 1 + LEVELS]
        household = variances[1 + LEVELS :][sample.household_groups]
        own = variances[1 + LEVELS + len(HOUSEHOLD) :][sample.own_groups]
        covariance = (sample.own * own) @ sample.own.T
        covariance *= self._same
        covariance += (sample.household * household) @ sample.household.T
        for variance, same in zip(nested, self._same_group, strict=True):
            covariance += variance * same
        covariance += variances[MISFIT] * self._similar
        covariance[np.diag_indices(n)] += variances[0]
        root = np.linalg.cholesky(covariance)
        precision = np.linalg.inv(covariance)
        precision = (precision + precision.T) / 2
        pulled = precision @ sample.outcome
        value = -0.5 * float(sample.outcome @ pulled) - float(np.log(np.diag(root)).sum())

        excess = np.outer(pulled, pulled) - precision
        fits, slopes = [pulled[:, None]], [np.array([np.trace(excess)])]
        fits += [(same @ pulled)[:, None] for same in self._same_group]
        slopes += [np.array([float(excess[same].sum())]) for same in self._same_group]
        slopes.append(
            _by_group(
                sample.household_groups,
                len(HOUSEHOLD),
                (sample.household * (excess @ sample.household)).sum(axis=0),
            )
        )
        fits.append(
            _fit(
                sample.household,
                sample.household.T @ pulled,
                sample.household_groups,
                len(HOUSEHOLD),
            )
        )
        last = np.array([float((excess * self._similar).sum())])
        excess *= self._same
        slopes.append(
            _by_group(sample.own_groups, len(OWN), (sample.own * (excess @ sample.own)).sum(axis=0))
        )
        fits.append(
            _fit(
                sample.own, self._same @ (sample.own * pulled[:, None]), sample.own_groups, len(OWN)
            )
        )
        fits.append((self._similar @ pulled)[:, None])
        slopes.append(last)
        directions = np.hstack(fits) * variances
        return (
            value,
            0.5 * variances * np.concatenate(slopes),
            0.5 * directions.T @ precision @ directions,
        )


def _equal(codes: Codes) -> NDArray[np.bool_]:
    return np.asarray(codes[:, None] == codes)


def _similar(sample: Sample, same: NDArray[np.bool_]) -> Doubles:
    """Return the kernel of what the model's form misses, float64[n, n], 1 on the diagonal.

    exp(-‖Δ‖²/2) of features and context, each of mean squared length 1; half of it between
    listeners.
    """
    distance = np.zeros((len(same), len(same)))
    for name in ("features", "context"):
        z = sample.household[:, sample.household_groups == HOUSEHOLD.index(name)]
        square = (z**2).sum(axis=1)
        distance += square[:, None] + square - 2 * z @ z.T
    kernel: Doubles = np.exp(-np.maximum(distance, 0) / 2) * (0.5 + 0.5 * same)
    np.fill_diagonal(kernel, 1)
    return kernel


def _by_group(groups: Codes, n_groups: int, values: Doubles) -> Doubles:
    return np.bincount(groups, values, minlength=n_groups).astype(np.float64)


def _fit(columns: Doubles, weights: Doubles, groups: Codes, n_groups: int) -> Doubles:
    """Return K_k Σ⁻¹y for each group k of columns, float64[n, n_groups]."""
    member = groups[:, None] == np.arange(n_groups)
    return np.asarray((columns * weights) @ member)
