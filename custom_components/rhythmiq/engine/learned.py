"""What the model has learned of the listeners, as utility, and how much of the prior that leaves.

A reward is worth REWARD. The published prior is where expectations start, and what it leaves to
what was learned is its credibility (H. Bühlmann 1967, ASTIN Bull. 4, 199):

    score = Σ share · prior's term + REWARD · (expected reward - the listener's usual one),
    share = worth / (worth + disappointments).

Findings about other people are worth so many disappointments of one's own: as long as everything is
liked, there is nothing to be put right. What they say of music at any time (the base) is up against
all disappointments; what they say of a moment against those of such moments only, so that evenings
leave their word on mornings alone.

Exploration is Thompson sampling (W. R. Thompson 1933, Biometrika 25, 285): one draw of all weights
from their posterior, so that what is tried out goes together, and one of what is each track's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .catalog import Catalog
from .context import Context
from .draws import normal
from .features import Doubles, Floats, Rows
from .index import Index
from .learning import ContextModel
from .listener import Listener
from .situation import CONTEXT_COLUMNS, TRACK_COLUMNS, context_row, track_rows

REWARD: Final = 12.0  # utility of a reward of 1 (assumption)
# Disappointments (rewards of 0) that what was published is worth (assumptions).
BASE_WORTH: Final = 1.0
MOMENT_WORTH: Final = 5.0
_RIDGE = 1e-3
_NONE = 1e-12  # of a variance of rewards: nothing but rounding
_SMALLEST = 1e-10  # of a direction's variance over the largest; what is known for sure has none


@dataclass(frozen=True, slots=True)
class Shares:
    """How much is left of the prior (0-1): of its base, and of what it says of the moment."""

    base: float = 1.0
    moment: float = 1.0


class Learned:
    """What a model expects of the listeners in a moment."""

    def __init__(
        self,
        model: ContextModel,
        catalog: Catalog,
        context: Context,
        listeners: Sequence[Listener],
        now: float | None,
        *,
        exploration: float = 0.0,
        seed: int = 0,
    ) -> None:
        """Ask for the listeners' tastes; `now` as for `rank`, `exploration` (0-1) scales draws.

        Raises ValueError for a model of other columns.
        """
        shape = (len(TRACK_COLUMNS), len(CONTEXT_COLUMNS))
        if (model.n_features, model.n_context) != shape:
            raise ValueError(
                f"model must be for {shape[0]} features and {shape[1]} context columns, "
                f"not {model.n_features} and {model.n_context}"
            )
        self._model, self._catalog, self._index = model, catalog, Index.of(catalog)
        self._listeners = np.array([listener.number for listener in listeners])
        self._daring = np.array([[exploration * who.adventurousness] for who in listeners])
        self._context, self._now, self._seed = context_row(context), now, seed
        self._tastes = model.tastes(self._listeners, self._context, when=now)
        described, straightening = self._index.remember("sample", self._look)
        sample = self._tastes[0].coordinates(described)
        self._means = np.stack([taste.mean for taste in self._tastes])
        self._covariances = np.stack([taste.covariance for taste in self._tastes])
        self._usual = self._means @ sample.mean(axis=0)
        ever, here = model.disappointments(self._listeners, self._context)
        self.shares = Shares(
            base=float((BASE_WORTH / (BASE_WORTH + ever)).mean()),
            moment=float((MOMENT_WORTH / (MOMENT_WORTH + here)).mean()),
        )
        self._drawn = np.zeros_like(self._means)
        if self._daring.any():
            self._drawn = self._daring * _draws(self._covariances, self._listeners, seed)
        liked = sample @ (self._means + self._drawn).T
        self.weights = REWARD * (straightening @ (liked - liked.mean(axis=0))).T

    def _look(self) -> tuple[Floats, Doubles]:
        """Return a sample of the catalog as the model sees it, and what straightens its values.

        The second, float64[n_features, n], turns values at the sample into weights for
        `Catalog.top` (ridge regression): in a moment, and but for artists and tracks, a model is
        linear in a catalog's columns.
        """
        sample = self._index.sample
        columns = self._catalog.matrix[:, sample].T.astype(np.float64)
        columns -= columns.mean(axis=0)
        gram = columns.T @ columns + _RIDGE * len(sample) * np.eye(columns.shape[1])
        straightening = np.asarray(np.linalg.solve(gram, columns.T), dtype=np.float64)
        return track_rows(self._catalog, sample).astype(np.float32), straightening

    def expect(self, rows: Rows) -> tuple[Doubles, Doubles | None]:
        """Return what some tracks are expected to be worth to each listener, and what is drawn.

        Both are float64[listeners, n], in utility; None where nobody explores. What is drawn is how
        far a draw from the posterior is from its mean: one for all that features tell, and one for
        the rest of each track.
        """
        described = track_rows(self._catalog, rows)
        x = self._tastes[0].coordinates(described.astype(np.float32))
        mean = np.clip(self._means @ x.T, 0, 1)
        told = _variances(self._covariances, x)
        rest = np.full(told.shape, self._tastes[0].rest)
        tracks = self._index.track_ids[rows]
        met = np.flatnonzero(self._model.met(tracks, self._index.artist_ids[rows]))
        if len(met):
            mean[:, met], deviation = self._ask(rows[met], described[met])
            rest[:, met] = np.maximum(deviation**2 - told[:, met], 0.0)
        worth = REWARD * (mean - self._usual[:, None])
        if not self._daring.any():
            return worth, None
        own = np.sqrt(rest) * normal(tracks ^ self._listeners[:, None], self._seed)
        own *= self._daring
        return worth, REWARD * (self._drawn @ x.T + own)

    def _ask(self, rows: Rows, described: Doubles) -> tuple[Doubles, Doubles]:
        """Return expected rewards and their deviations, float64[listeners, n]."""
        people, n = len(self._listeners), len(rows)
        mean, deviation = self._model.predict(
            np.repeat(self._listeners, n),
            np.tile(self._index.track_ids[rows], people),
            np.tile(self._index.artist_ids[rows], people),
            np.tile(described, (people, 1)),
            np.tile(self._context, (people * n, 1)),
            when=None if self._now is None else np.full(people * n, self._now),
        )
        return mean.reshape(people, n), deviation.reshape(people, n)


def _variances(covariances: Doubles, x: Doubles) -> Doubles:
    """Return the variance by each covariance at coordinates float64[n, k]: float64[people, n]."""
    variances: Doubles = (x @ covariances * x).sum(axis=2)
    return variances


def _draws(covariances: Doubles, numbers: Rows, seed: int) -> Doubles:
    """Return draws from N(0, covariance) that belong to listeners, float64[people, k]."""
    k = covariances.shape[1]
    tiny = _SMALLEST * covariances.max(axis=(1, 2)) + _NONE
    roots = np.linalg.cholesky(covariances + tiny[:, None, None] * np.eye(k))
    draws = normal(np.arange(k) ^ numbers[:, None], seed + 1)
    drawn: Doubles = (roots @ draws[:, :, None])[:, :, 0]
    return drawn
