"""What listeners like, learned from what they did: a linear-Gaussian mixed model.

    reward = expected a priori + household · x + own(listener) · g
             + artist + track + (listener, track) + misfit + noise,

x and g being standardised features, their squares, context, feature-context and recollections
(basis.py). How much each part may say is estimated from the data (evidence.py) at fixed counts of
rows (schedule.py); between them the posterior is exact (posterior.py, nested.py). The formulas are
in docs/learning.md.
"""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from ..features import Doubles, Mask, Rows
from . import checks, storage
from .evidence import START
from .learner import CHUNK, Learner
from .log import Log
from .population import Population, expected
from .posterior import Posterior
from .rows import Batch
from .taste import Taste


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
        start = START
        if prior is not None:
            learned = type(self).load(prior)
            if (learned.n_features, learned.n_context) != (self.n_features, self.n_context):
                raise ValueError(
                    f"prior must be for {n_features} features and {n_context} context columns, "
                    f"not {learned.n_features} and {learned.n_context}"
                )
            self._prior, start = learned.population(), learned.variances()
        empty = checks.batch(self.n_features, self.n_context, [], [], [], [], [], None, [])
        self._log = Log(empty)
        self._learner = Learner(self._log, start)

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
            part = batch.rows(slice(start, start + CHUNK))
            self._log.add(part, expected(self._prior, part.features, part.context))

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
        self._learner.catch_up()
        mean, variance = self._learner.expect(self._log.ask(batch))
        mean += expected(self._prior, batch.features, batch.context)
        return np.clip(mean, 0, 1), np.sqrt(variance)

    def taste(self, listener: int, context: ArrayLike, *, when: float | None = None) -> Taste:
        """Return what `predict` would say of tracks nobody met, as a linear form of features.

        `context` is float[n_context], NaN absent; `when` as in `predict`. Its mean times
        `Taste.coordinates` is the expected reward, not clipped.
        """
        return self.tastes([listener], context, when=when)[0]

    def tastes(
        self, listeners: ArrayLike, context: ArrayLike, *, when: float | None = None
    ) -> list[Taste]:
        """Return the tastes of several listeners, int[n], at one moment; see `taste`."""
        batch = self._moment(listeners, context, when)
        self._learner.catch_up()
        return [
            Taste(
                mean=mean,
                covariance=covariance,
                rest=self._learner.unsaid,
                basis=self._learner.design.basis,
                context=here,
                prior=self._prior,
            )
            for (mean, covariance), here in zip(
                self._learner.weights(self._log.ask(batch)), batch.context, strict=True
            )
        ]

    def disappointments(self, listeners: ArrayLike, context: ArrayLike) -> tuple[Doubles, Doubles]:
        """Return what rewards lacked of 1 for listeners int[n]: ever, and in such a moment.

        Both are sums float64[n] over the last 512 outcomes. Those of other listeners count half,
        those of other moments by how alike the contexts are; `context` float[n_context], NaN
        absent.
        """
        batch = self._moment(listeners, context, None)
        self._learner.catch_up()
        return self._learner.disappointments(self._log.ask(batch))

    def met(self, track: Rows, artist: Rows) -> Mask:
        """Tell (bool[n]) of which tracks (ids int64[n]), or else of their artists, outcomes came.

        Of all others `taste` says what `predict` would.
        """
        return self._log.met(track, artist)

    def _moment(self, listeners: ArrayLike, context: ArrayLike, when: float | None) -> Batch:
        """Return a row per listener in one moment, of a track nobody knows anything of."""
        n = len(np.asarray(listeners))
        unknown = np.full(n, -1)
        return checks.batch(
            self.n_features, self.n_context, listeners, unknown, unknown,
            np.full((n, self.n_features), np.nan), np.tile(context, (n, 1)),
            None if when is None else np.full(n, when), None,
        )  # fmt: skip

    def refit(self) -> None:
        """Re-estimate the variance components now, from all rows."""
        self._learner.estimate(len(self._log))

    def variances(self) -> Doubles:
        """Return the variance components as they are now, float64[len(COMPONENTS)]."""
        self._learner.catch_up()
        return self._learner.design.variances.copy()

    def population(self) -> Population:
        """Return what is expected of a listener, artist and track nobody knows."""
        self._learner.catch_up()
        design = self._learner.design
        scale, _ = design.scales()
        weights = self._learner.posterior.mean[: len(scale)] * scale
        return Population(design.basis, weights, self._prior)

    def save(self) -> bytes:
        """Return everything the model knows, versioned, without pickled objects."""
        learner = self._learner
        learner.catch_up()
        learned = {
            "shape": np.array([self.n_features, self.n_context]),
            "estimated": np.array(learner.estimated),
            "start": learner.start,
            "variances": learner.design.variances,
            "mean": learner.posterior.mean,
            "covariance": learner.posterior.covariance,
        }
        prior = {} if self._prior is None else self._prior.arrays("prior.")
        return storage.pack(self._log.columns() | learned | prior)

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read what `save` returned. Raises EngineError(`model_corrupt`) for anything else."""
        with storage.unpack(data) as stored:
            model = cls(*map(int, stored["shape"]))
            if "prior.weights" in stored:
                model._prior = Population.from_arrays(stored, "prior.")
            model._log.restore(stored)
            model._learner.resume(
                stored["start"],
                stored["variances"],
                Posterior(stored["mean"].copy(), stored["covariance"].copy()),
                int(stored["estimated"]),
            )
        return model
