"""A listener's taste at one moment: the expected reward as a linear form of a track's features.

Given who listens, the context and the time, everything dense in the model is linear in a track's
coordinates (1, standardised features, their squares). So a whole catalog is scored by one product,
and Thompson sampling draws one vector. What is known of single artists and tracks comes on top.
"""

from dataclasses import dataclass

import numpy as np

from ..features import Doubles, Floats
from .basis import Basis
from .population import Population, expected


@dataclass(frozen=True, slots=True)
class Taste:
    """Weights of a track's coordinates, with their uncertainty: mean [k], covariance [k, k]."""

    mean: Doubles
    covariance: Doubles
    rest: float  # variance of the expectation of an unknown artist's track that no weight has
    basis: Basis
    context: Floats  # float32[m]
    prior: Population | None

    def coordinates(self, features: Floats) -> Doubles:
        """Return the coordinates of tracks with raw `features` float[n, d]: float64[n, k].

        The first is what was expected before data (weight 1, known), then the constant, the
        standardised features and their squares.
        """
        raw = np.asarray(features, dtype=np.float32)
        context = np.broadcast_to(self.context, (len(raw), len(self.context)))
        before = expected(self.prior, raw, context)
        return np.column_stack([before, np.ones(len(raw)), self.basis.coordinates(raw)])
