"""What listeners like, learned from what they did: a linear-Gaussian mixed model.

    reward = expected a priori + household · x + own(listener) · g
             + artist + track + (listener, track) + noise,

x and g being standardised features, their squares, context, feature-context and recollections
(basis.py). How much each part may say is estimated from the data (evidence.py) at fixed counts of
rows (schedule.py); between them the posterior is exact (posterior.py, nested.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
import math
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..features import Doubles, Floats
from . import checks, storage
from .basis import HOUSEHOLD, Basis
from .codebook import Codebook
from .evidence import MISFIT, START, UNMEASURED, Sample, estimate
from .memory import RECOLLECTIONS, Memory
from .nested import LEVELS, Nested
from .population import Population, expected
from .posterior import Posterior
from .rows import Batch, Codes, Column, Table
from .schedule import last_estimation

OWN_BUDGET = 600  # columns for all listeners' own weights together, as long as each has one
OWN_MOST = 48  # of one listener
WIDEST = 1600  # columns altogether; listeners who come when all are taken wait for the next count
TOGETHER = 512  # rows whose evidence is taken together; cost is cubic
SAMPLES = 3  # so many times, at most
STORED = (*(field.name for field in fields(Batch)), "recollections", "outcome")
MEASURED = 4096  # rows, evenly spread, whose columns are measured
CHUNK = 1024  # rows whose columns are in memory at once


class ContextModel:
    """Expected reward of a listener for tracks in a context, with its uncertainty.

    Learns row by row; what it is depends on the sequence of rows (and calls of `refit`) only, not
    on how it was cut into calls. Nothing in it is random.
    """

    def __init__(
        self, n_features: int, n_context: int, *, prior: bytes | None = None, seed: int = 0
    ) -> None:
        """Start with what `prior` knows, or nothing.

        `prior` is what `save` returned for a model of the same shape: what it expects of a
        listener, artist and track it does not know is what this model expects before data, its
        variance components are where estimation starts. `seed` is accepted for symmetry with
        other learners; nothing is drawn. Raises ValueError for sizes that are not, and
        EngineError(`model_corrupt`) for another prior.
        """
        self.n_features = checks.size("n_features", n_features, 0)
        self.n_context = checks.size("n_context", n_context, 0)
        checks.size("seed", seed, 0)
        self._prior: Population | None = None
        self._variances = self._start = START
        if prior is not None:
            learned = type(self).load(prior)
            if (learned.n_features, learned.n_context) != (self.n_features, self.n_context):
                raise ValueError(
                    f"prior must be for {n_features} features and {n_context} context columns, "
                    f"not {learned.n_features} and {learned.n_context}"
                )
            self._prior, self._start = learned.population(), learned.variances()
            self._variances = self._start
        self._codebook, self._memory = Codebook(), Memory()
        empty = checks.batch(self.n_features, self.n_context, [], [], [], [], [], None, [])
        self._rows = Table(
            empty.columns()
            | {
                "code": np.empty(0, dtype=np.int64),
                "nested": np.empty((0, LEVELS), dtype=np.int64),
                "recollections": np.empty((0, RECOLLECTIONS), dtype=np.float32),
                "outcome": np.empty(0),
            }
        )
        self._estimated = 0  # rows the basis and the variances were measured on
        self._learned = 0  # rows in the posterior
        self._basis = self._measure(0)
        self._solve(0)

    def observe(  # noqa: PLR0917 - the measured interface
        self,
        listener: ArrayLike,
        track: ArrayLike,
        artist: ArrayLike,
        features: ArrayLike,
        context: ArrayLike,
        reward: ArrayLike,
        *,
        when: ArrayLike | None = None,
    ) -> None:
        """Take in n outcomes, in the order they came.

        `listener`, `track`, `artist` int[n], -1 unknown; `features` float[n, n_features], NaN
        missing; `context` float[n, n_context], NaN absent; both raw. `reward` float[n] in [0, 1].
        `when` float[n] seconds (any origin), or None. Raises ValueError naming the argument.
        """
        batch = checks.batch(
            self.n_features, self.n_context, listener, track, artist, features, context, when,
            reward,
        )  # fmt: skip
        for start in range(0, len(batch), CHUNK):
            self._remember(batch.rows(slice(start, start + CHUNK)))

    def _remember(self, batch: Batch) -> None:
        """Append rows to the table, each with what was known before it."""
        codes = np.empty((len(batch), 1 + LEVELS), dtype=np.int64)
        recollections = np.empty((len(batch), RECOLLECTIONS), dtype=np.float32)
        for row, (listener, track, artist, when, reward) in enumerate(batch.outcomes()):
            found = self._codebook.add(len(self._memory), listener, track, artist)
            who, home, _, pair = codes[row] = found
            asked = when if when > -math.inf else math.inf
            recollections[row] = self._memory.recollections(who, home, pair, asked)
            self._memory.add(found, when, reward)
        outcome = batch.reward - expected(self._prior, batch.features, batch.context)
        self._rows.append(
            batch.columns()
            | {
                "code": codes[:, 0],
                "nested": codes[:, 1:],
                "recollections": recollections,
                "outcome": outcome,
            }
        )

    def predict(
        self,
        listener: ArrayLike,
        track: ArrayLike,
        artist: ArrayLike,
        features: ArrayLike,
        context: ArrayLike,
        *,
        when: ArrayLike | None = None,
    ) -> tuple[Doubles, Doubles]:
        """Return expected rewards float64[n] in [0, 1] and the deviations float64[n] of these.

        Arguments as in `observe`; of recent outcomes and counts, those strictly before `when`
        are used, all without it. Does not change what the model knows.
        """
        batch = checks.batch(
            self.n_features, self.n_context, listener, track, artist, features, context, when, None
        )
        self._catch_up()
        variances = np.empty(len(batch))
        codes, nested = self._codebook.find(batch)
        recollections = self._memory.recall(codes, nested, batch.when)
        means = expected(self._prior, batch.features, batch.context)
        width = len(self._posterior.mean)
        for part in self._memory.portions(nested[:, 0], CHUNK):
            columns = self._columns(
                batch.features[part], batch.context[part], recollections[part], codes[part], width
            )
            mean, variances[part], *_ = self._expect(columns, nested[part], self._learned)
            means[part] += mean
        variances += self._variances[MISFIT]
        if not self._estimated and self.n_features:
            variances += self._variances[UNMEASURED].sum()
        return np.clip(means, 0, 1), np.sqrt(variances)

    def refit(self) -> None:
        """Re-estimate the variance components now, from all rows."""
        self._estimate(len(self._rows))

    def save(self) -> bytes:
        """Return everything the model knows, versioned, without pickled objects."""
        self._catch_up()
        rows = {name: self._rows[name] for name in STORED}
        learned = {
            "shape": np.array([self.n_features, self.n_context]),
            "counts": np.array([self._estimated, self._learned]),
            "start": self._start,
            "variances": self._variances,
            "mean": self._posterior.mean,
            "covariance": self._posterior.covariance,
        }
        prior = {} if self._prior is None else self._prior.arrays("prior.")
        return storage.pack(rows | learned | prior)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read what `save` returned. Raises EngineError(`model_corrupt`) for anything else."""
        with storage.unpack(data) as stored:
            model = cls(*map(int, stored["shape"]))
            model._restore(stored)
        return model

    def _restore(self, stored: Mapping[str, Column]) -> None:
        """Become the model that was saved, from new."""
        if "prior.weights" in stored:
            self._prior = Population.from_arrays(stored, "prior.")
        rows = {name: stored[name] for name in STORED}
        batch = Batch(**{field.name: rows[field.name] for field in fields(Batch)})
        codes = np.empty((len(batch), 1 + LEVELS), dtype=np.int64)
        for row, (listener, track, artist, when, reward) in enumerate(batch.outcomes()):
            codes[row] = found = self._codebook.add(row, listener, track, artist)
            self._memory.add(found, when, reward)
        self._rows.append(rows | {"code": codes[:, 0], "nested": codes[:, 1:]})
        self._start, self._variances = stored["start"], stored["variances"]
        self._estimated, self._learned = map(int, stored["counts"])
        self._basis = self._measure(self._estimated)
        self._posterior = Posterior(stored["mean"].copy(), stored["covariance"].copy())

    def _catch_up(self) -> None:
        """Estimate if a count was passed, and take new rows into the posterior."""
        due, n = last_estimation(len(self._rows)), len(self._rows)
        if due > self._estimated:
            self._estimate(due)
        if n - self._learned > 16 + n // 64:
            self._solve(n)
        while self._learned < n:
            self._learn(self._learned)

    def _estimate(self, n: int) -> None:
        """Measure basis and variances on the first n rows, and solve for all rows."""
        self._basis = self._measure(n)
        self._variances = estimate(self._samples(n), self._start) if n else self._start
        self._estimated = n
        self._solve(len(self._rows))

    def _measure(self, n: int) -> Basis:
        """Measure the columns on the first n rows."""
        listeners = int(self._rows["code"][:n].max(initial=0)) + 1
        return Basis.fit(
            *self._inputs(np.arange(0, n, n // MEASURED + 1)),
            width=min(max(OWN_BUDGET // listeners, 1), OWN_MOST),
        )

    def _samples(self, n: int) -> list[Sample]:
        """Return the first n rows in up to SAMPLES lots of whole artists, as far as possible."""
        rows = self._rows
        order = _by_nested(rows["nested"][:n])
        lots = np.array_split(order, -(-n // TOGETHER))
        spread = np.unique(np.linspace(0, len(lots) - 1, SAMPLES).round().astype(int))
        samples = []
        for lot in (np.sort(lots[number]) for number in spread):
            household, own = self._basis.columns(*self._inputs(lot))
            samples.append(
                Sample(
                    outcome=rows["outcome"][lot],
                    household=household,
                    household_groups=self._basis.household_groups,
                    own=own,
                    own_groups=self._basis.own_groups,
                    listener=rows["code"][lot],
                    nested=rows["nested"][lot],
                )
            )
        return samples

    def _solve(self, n: int) -> None:
        """Take the first n rows into the posterior at once."""
        listeners = int(self._rows["code"][:n].max(initial=-1)) + 1
        width = self._width(listeners)
        gram = np.zeros((width + 1, width + 1))
        order = _by_nested(self._rows["nested"][:n])
        for chunk in _cut(order, self._rows["nested"][order, 0]):
            columns = self._observed(chunk, width)
            gram += columns.T @ columns / self._noise
            gram -= self._nested(chunk).absorbed(columns)
        self._posterior = Posterior.solve(gram[:-1, :-1], gram[:-1, -1])
        self._learned = n

    def _learn(self, row: int) -> None:
        """Take the next row into the posterior."""
        code = int(self._rows["code"][row])
        self._posterior.widen(self._width(code + 1))
        only = np.array([row])
        columns = self._observed(only, len(self._posterior.mean))
        mean, _, column, effects = self._expect(columns[:, :-1], self._rows["nested"][only], row)
        surprise = float(columns[0, -1] - mean[0])
        self._posterior.learn(column[0], surprise, self._noise + float(effects[0]))
        self._learned = row + 1

    def _expect(
        self, columns: Doubles, nested: Codes, n: int
    ) -> tuple[Doubles, Doubles, Doubles, Doubles]:
        """Return what the first n rows say about rows with these columns and codes.

        Mean and variance of what they are expected to add to what was expected a priori; u of
        posterior.py; and the part of the variance that is artists' and tracks'.
        """
        rows = self._memory.rows_of(np.unique(nested[:, 0]).tolist())
        rows = rows[rows < n]
        rows = rows[_by_nested(self._rows["nested"][rows])]
        share, effects = self._nested(rows).recall(nested)
        told = share @ self._observed(rows, columns.shape[1])
        column = columns - told[:, :-1]
        mean, variance = self._posterior.predict(column)
        return mean + told[:, -1], variance + effects, column, effects

    def _observed(self, rows: Codes, width: int) -> Doubles:
        """Return the scaled columns of observed rows and, last, their outcomes."""
        columns = self._columns(*self._inputs(rows), self._rows["code"][rows], width)
        return np.column_stack([columns, self._rows["outcome"][rows]])

    def _inputs(self, rows: Codes) -> tuple[Floats, Floats, Floats]:
        table = self._rows
        return table["features"][rows], table["context"][rows], table["recollections"][rows]

    def _columns(
        self, features: Floats, context: Floats, recollections: Floats, listener: Codes, width: int
    ) -> Doubles:
        """Return float64[n, width]: household columns, then each listener's own, scaled by √v."""
        household, own = self._basis.columns(features, context, recollections)
        scale = np.sqrt(self._variances[1 + LEVELS :])
        wide = np.zeros((len(household), width))
        first, each = household.shape[1], own.shape[1]
        wide[:, :first] = household * scale[self._basis.household_groups]
        start = first + each * listener
        there = np.flatnonzero((listener >= 0) & (start + each <= width))
        places = start[there, None] + np.arange(each)
        wide[there[:, None], places] = own[there] * scale[len(HOUSEHOLD) + self._basis.own_groups]
        return wide

    def _width(self, listeners: int) -> int:
        """Return the number of columns when so many listeners are known."""
        first, each = len(self._basis.household_groups), len(self._basis.own_groups)
        most = max((WIDEST - first) // each, 0)
        return first + each * min(listeners, most)

    def variances(self) -> Doubles:
        """Return the variance components as they are now, float64[len(COMPONENTS)]."""
        return self._variances.copy()

    @property
    def _noise(self) -> float:
        """What one outcome adds to the expectation the weights and effects give."""
        return float(self._variances[0] + self._variances[MISFIT])

    def _nested(self, rows: Codes) -> Nested:
        variances = self._variances[1 : 1 + LEVELS]
        return Nested.weigh(self._rows["nested"][rows], self._noise, variances)

    def population(self) -> Population:
        """Return what is expected of a listener, artist and track nobody knows."""
        self._catch_up()
        groups = self._basis.household_groups
        scale = np.sqrt(self._variances[1 + LEVELS :][groups])
        weights = self._posterior.mean[: len(groups)] * scale
        return Population(self._basis, weights, self._prior)


def _by_nested(nested: Codes) -> Codes:
    """Return the order of rows that has those of an artist, a track, a pair together."""
    order: Codes = np.lexsort(nested.T[::-1])
    return order


def _cut(rows: Codes, artist: Codes) -> Iterator[Codes]:
    """Cut `rows`, sorted by `artist`, into chunks of about CHUNK that keep artists whole."""
    starts = np.flatnonzero(np.diff(artist, prepend=-1))
    first = np.flatnonzero(np.diff(starts // CHUNK, prepend=-1))
    return iter(np.split(rows, starts[first][1:])) if len(rows) else iter(())
