"""Estimates now and then, solves in between: keeps the posterior up with the log."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..features import Doubles
from .basis import Basis, Scaler
from .design import Design
from .evidence import UNMEASURED, Sample, estimate
from .log import Log
from .nested import Nested
from .posterior import Posterior
from .rows import Asked, Codes
from .schedule import last_estimation

OWN_BUDGET = 600  # columns for all listeners' own weights together, as long as each has one
OWN_MOST = 48  # of one listener
TOGETHER = 512  # rows whose evidence is taken together; cost is cubic
SAMPLES = 3  # so many times, at most
MEASURED = 4096  # rows, evenly spread, whose columns are measured
CHUNK = 1024  # rows whose columns are in memory at once
LATELY = 512  # outcomes that are looked at for disappointments


@dataclass(frozen=True, slots=True)
class Expectation:
    """What some rows are expected to add to what was expected a priori."""

    mean: Doubles  # float64[n]
    variance: Doubles  # float64[n], of that mean, as far as the model's form goes
    columns: Doubles  # u of posterior.py, float64[n, p]
    effects: Doubles  # the part of the variance that is artists' and tracks', float64[n]


class Learner:
    """The posterior of all weights and effects given the rows of a log."""

    def __init__(self, log: Log, start: Doubles) -> None:
        """Start from `log`, and estimation from the variance components `start`."""
        self.log, self.start = log, start
        self.estimated = self.learned = 0  # rows measured and estimated on; in the posterior
        self.design = Design(self.measure(0), start)
        self.posterior = Posterior.solve(*self._equations(0))

    def resume(
        self, start: Doubles, variances: Doubles, posterior: Posterior, estimated: int
    ) -> None:
        """Become what another learner was that had learned all rows of the log."""
        self.start, self.posterior = start, posterior
        self.estimated, self.learned = estimated, len(self.log)
        self.design = Design(self.measure(estimated), variances)

    def catch_up(self) -> None:
        """Estimate if a count was passed, and take new rows into the posterior."""
        n = len(self.log)
        if (due := last_estimation(n)) > self.estimated:
            self.estimate(due)
        if n - self.learned > 16 + n // 64:  # then all at once is faster
            self._solve()
        while self.learned < n:
            self._learn(self.learned)

    def estimate(self, n: int) -> None:
        """Measure columns and estimate variances on the first n rows; solve for all."""
        basis = self.measure(n)
        self.design = Design(basis, estimate(self._samples(basis, n), self.start))
        self.estimated = n
        self._solve()

    def measure(self, n: int) -> Basis:
        """Measure the columns on the first n rows."""
        rows = self.log.observed(np.arange(0, n, n // MEASURED + 1))
        width = min(max(OWN_BUDGET // max(self.log.n_listeners(n), 1), 1), OWN_MOST)
        return Basis.fit(rows.features, rows.context, rows.recollections, width)

    def expect(self, asked: Asked) -> tuple[Doubles, Doubles]:
        """Return mean and variance of what rows add to what was expected of them a priori."""
        mean, variance = np.empty(len(asked.listener)), np.empty(len(asked.listener))
        for part in self.log.memory.portions(asked.nested[:, 0], CHUNK):
            found = self._expect(asked.rows(part), self.learned)
            mean[part], variance[part] = found.mean, found.variance
        return mean, variance + self._missed

    def weights(self, asked: Asked) -> Iterator[tuple[Doubles, Doubles]]:
        """Yield mean [k] and covariance [k, k] of the weights of a track's coordinates, per row.

        What features the rows have does not matter. The first coordinates are what was expected
        a priori, whose weight is 1 and known, and the constant.
        """
        units = np.eye(self.design.basis.width + 1)[:, 1:]  # nothing, then each by itself
        each = np.repeat(np.arange(len(asked.listener)), len(units))
        unit = np.tile(units, (len(asked.listener), 1))
        every = self.design.combine(unit, asked.rows(each), len(self.posterior.mean))
        for columns in np.split(every, len(asked.listener)):
            columns[1:] -= columns[0]
            used = np.flatnonzero(columns.any(axis=0))
            told = columns[:, used]
            mean, covariance = np.ones(len(told) + 1), np.zeros((len(told) + 1, len(told) + 1))
            mean[1:] = told @ self.posterior.mean[used]
            covariance[1:, 1:] = told @ self.posterior.covariance[np.ix_(used, used)] @ told.T
            yield mean, covariance

    def disappointments(self, asked: Asked) -> tuple[Doubles, Doubles]:
        """Return what the last outcomes lacked for each row's listener, and in such a moment.

        They count as in misfit's kernel: those of others half, those of other moments by
        exp(-‖Δ‖²/2) of the context.
        """
        last = slice(max(len(self.log) - LATELY, 0), len(self.log))
        rows = self.log.observed(last)
        contexts = np.vstack([asked.context, rows.context])
        contexts = contexts[:, ~np.isnan(contexts).all(axis=0)]
        z = Scaler.fit(contexts)(contexts)  # a moment unlike all that were measured is far away
        z *= np.sqrt(len(z) / max((z**2).sum(), 1.0))
        now, then = z[: len(asked.context), None], z[len(asked.context) :]
        same = (asked.listener[:, None] == rows.listener) & (rows.listener >= 0)
        counts = (0.5 + 0.5 * same) * (1 - self.log.reward(last))
        alike = np.exp(-((now - then) ** 2).sum(axis=2) / 2)
        return counts.sum(axis=1), (counts * alike).sum(axis=1)

    @property
    def unsaid(self) -> float:
        """The variance of an expectation that is not the weights': misfit, and what is new."""
        return self._missed + float(self.design.nested.sum())

    @property
    def _missed(self) -> float:
        """The variance of what the form misses, all that features may say while unmeasured."""
        unmeasured = 0.0
        if not self.estimated and self.log.n_features:
            unmeasured = float(self.design.variances[UNMEASURED].sum())
        return self.design.misfit + unmeasured

    def _samples(self, basis: Basis, n: int) -> Iterator[Sample]:
        """Yield the first n rows in up to SAMPLES lots of whole artists, as far as possible."""
        lots = np.array_split(self.log.by_nested(np.arange(n)), max(-(-n // TOGETHER), 1))
        for number in np.unique(np.linspace(0, len(lots) - 1, SAMPLES).round().astype(int)):
            lot = np.sort(lots[number])
            rows = self.log.observed(lot)
            household, own = basis.columns(rows.features, rows.context, rows.recollections)
            yield Sample(
                outcome=self.log.outcome(lot),
                household=household,
                household_groups=basis.household_groups,
                own=own,
                own_groups=basis.own_groups,
                listener=rows.listener,
                nested=rows.nested,
            )

    def _solve(self) -> None:
        """Take all rows into the posterior at once."""
        self.posterior = Posterior.solve(*self._equations(len(self.log)))
        self.learned = len(self.log)

    def _equations(self, n: int) -> tuple[Doubles, Doubles]:
        """Return XᵀS⁻¹X float64[p, p] and XᵀS⁻¹y float64[p] of the first n rows."""
        width = self.design.width(self.log.n_listeners(n))
        gram = np.zeros((width + 1, width + 1))
        rows = self.log.by_nested(np.arange(n))

        def pieces() -> Iterator[Doubles]:
            nonlocal gram
            for start in range(0, n, CHUNK):
                columns = self._columns(rows[start : start + CHUNK], width)
                gram += columns.T @ columns / self.design.noise
                yield columns

        gram -= self._nested(rows).absorbed(pieces(), width + 1)
        return gram[:-1, :-1], gram[:-1, -1]

    def _learn(self, row: int) -> None:
        """Take the next row into the posterior."""
        only = np.array([row])
        asked = self.log.observed(only)
        self.posterior.widen(self.design.width(int(asked.listener[0]) + 1))
        found = self._expect(asked, row)
        surprise = float(self.log.outcome(only)[0] - found.mean[0])
        noise = self.design.noise + float(found.effects[0])
        self.posterior.learn(found.columns[0], surprise, noise)
        self.learned = row + 1

    def _expect(self, asked: Asked, n: int) -> Expectation:
        """Return what the first n rows, which are in the posterior, say about others."""
        rows = self.log.memory.rows_of(np.unique(asked.nested[:, 0]).tolist())
        rows = self.log.by_nested(rows[rows < n])
        share, effects = self._nested(rows).recall(asked.nested)
        width = len(self.posterior.mean)
        told = np.zeros((len(asked.listener), width + 1))
        for start in range(0, len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            told += share[:, part] @ self._columns(rows[part], width)
        columns = self.design.columns(asked, width) - told[:, :-1]
        mean, variance = self.posterior.predict(columns)
        return Expectation(mean + told[:, -1], variance + effects, columns, effects)

    def _columns(self, rows: Codes, width: int) -> Doubles:
        """Return the columns of observed rows and, last, their outcomes."""
        columns = self.design.columns(self.log.observed(rows), width)
        return np.column_stack([columns, self.log.outcome(rows)])

    def _nested(self, rows: Codes) -> Nested:
        return Nested.weigh(self.log.nested(rows), self.design.noise, self.design.nested)
