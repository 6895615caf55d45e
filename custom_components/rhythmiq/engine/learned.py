"""What the model has learned of the listeners, as utility, and how much of the prior that leaves.

A reward is worth REWARD. The published prior is where expectations start: of a posterior that
started from it, the share that is still the prior's is what is left of the uncertainty,

    score = share · prior + REWARD · (expected reward - the listener's usual one),
    share = doubt / (doubt + taste),

where taste is the variance of what the model expects of tracks nobody knows, and doubt how much
more variance its expectation of them has on average than where it is surest (the difference is what
features leave open; that nobody knows these tracks is the same for all). By the law of total
variance taste and doubt make up what was open before anything was learned: without outcomes the
share is 1, and it falls towards 0.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .catalog import Catalog
from .context import Context
from .features import Doubles, Rows
from .ids import UNKNOWN
from .index import Index
from .learning import ContextModel
from .listener import Listener
from .situation import CONTEXT_COLUMNS, TRACK_COLUMNS, context_row, track_rows

REWARD: Final = 8.0  # utility of a reward of 1 (assumption)
_RIDGE = 1e-3
_NONE = 1e-12  # of a variance of rewards: nothing but rounding


class Learned:
    """What a model expects of the listeners in a moment."""

    def __init__(
        self,
        model: ContextModel,
        catalog: Catalog,
        context: Context,
        listeners: Sequence[Listener],
        now: float | None,
    ) -> None:
        """Ask the model about a sample of the catalog, as if nobody knew these tracks.

        `now` as for `rank`. Raises ValueError for a model of other columns.
        """
        shape = (len(TRACK_COLUMNS), len(CONTEXT_COLUMNS))
        if (model.n_features, model.n_context) != shape:
            raise ValueError(
                f"model must be for {shape[0]} features and {shape[1]} context columns, "
                f"not {model.n_features} and {model.n_context}"
            )
        self._model, self._catalog, self._index = model, catalog, Index.of(catalog)
        self._listeners = np.array([listener.number for listener in listeners])
        self._context, self._now = context_row(context), now
        sample = self._index.sample
        unknown = np.full(len(sample), UNKNOWN)
        mean, deviation = self._ask(track_rows(catalog, sample), unknown, unknown)
        variance = deviation**2
        doubt = variance.mean(axis=1) - variance.min(axis=1)
        taste = mean.var(axis=1)
        self._usual = mean.mean(axis=1)
        self.share = float(((doubt + _NONE) / (doubt + taste + _NONE)).mean())
        self.weights = self._straightened(sample, mean)

    def expect(self, rows: Rows) -> tuple[Doubles, Doubles]:
        """Return what some tracks are expected to be worth to each listener, and the doubt.

        Mean and standard deviation float64[listeners, n], in utility.
        """
        mean, deviation = self._ask(
            track_rows(self._catalog, rows),
            self._index.track_ids[rows],
            self._index.artist_ids[rows],
        )
        return REWARD * (mean - self._usual[:, None]), REWARD * deviation

    def _ask(self, features: Doubles, tracks: Rows, artists: Rows) -> tuple[Doubles, Doubles]:
        """Predict for every listener, float64[listeners, n] twice."""
        people, n = len(self._listeners), len(features)
        mean, deviation = self._model.predict(
            np.repeat(self._listeners, n),
            np.tile(tracks, people),
            np.tile(artists, people),
            np.tile(features, (people, 1)),
            np.tile(self._context, (people * n, 1)),
            when=None if self._now is None else np.full(people * n, self._now),
        )
        return mean.reshape(people, n), deviation.reshape(people, n)

    def _straightened(self, sample: Rows, mean: Doubles) -> Doubles:
        """Return weights float64[listeners, n_features] that come closest to the expectations.

        In a moment, and but for artists, tracks and clipping, the model is linear in a catalog's
        columns: these weights find the tracks worth asking about.
        """
        columns = self._catalog.matrix[:, sample].T.astype(np.float64)
        columns -= columns.mean(axis=0)
        gram = columns.T @ columns + _RIDGE * len(sample) * np.eye(columns.shape[1])
        pull = columns.T @ (mean - mean.mean(axis=1, keepdims=True)).T
        weights: Doubles = REWARD * np.linalg.solve(gram, pull).T
        return weights
