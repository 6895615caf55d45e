"""How far tracks are off a path."""

import numpy as np

from .features import Doubles, Rows
from .pool import Pool
from .tune_vector import Path


class Deviations:
    """The squared deviation of tracks from a path at any time.

    Between two knots the path is target + slope · τ, so a track's squared deviation is a parabola
    in the time τ since the knot, and three numbers for each knot and track hold all of it.
    """

    def __init__(self, tracks: Pool, path: Path) -> None:
        expected, variance = tracks.coordinates(path.names)
        slopes = np.zeros_like(path.targets)
        slopes[:-1] = np.diff(path.targets, axis=0) / np.diff(path.seconds)[:, None]
        away = expected[None, :, :] - path.targets[:, None, :]  # [knots, n, f]
        self._knots = path.seconds
        self._free = not path.names
        self._level = (away**2 + variance) @ path.weights
        self._fall = 2 * (away * slopes[:, None, :]) @ path.weights
        self._bend = slopes**2 @ path.weights

    def squared(self, seconds: Doubles, tracks: Rows) -> Doubles:
        """Return the squared deviation for every pair of the broadcast times and tracks."""
        if self._free:
            return np.zeros(np.broadcast_shapes(seconds.shape, tracks.shape))
        seconds = np.maximum(seconds, self._knots[0])
        knot = np.searchsorted(self._knots, seconds, side="right") - 1
        since = seconds - self._knots[knot]
        square = self._level[knot, tracks] - since * (
            self._fall[knot, tracks] - since * self._bend[knot]
        )
        at_least_0: Doubles = np.maximum(square, 0.0)
        return at_least_0
