"""Random numbers that belong to a track, not to its place.

A counter-based generator: the draw of a track is a mix of its id and a seed (splitmix64: G. L.
Steele, D. Lea & C. H. Flood 2014, Proc. OOPSLA, 453). So drawing for a few tracks gives what
drawing for all would, whatever the order of rows, and adding tracks changes no other's draw.
"""

import numpy as np
from numpy.typing import NDArray

from .features import Doubles, Rows

_WEYL = 0x9E3779B97F4A7C15
_64 = (1 << 64) - 1


def uniform(ids: Rows, seed: int) -> Doubles:
    """Return a draw from [0, 1) for each id, float64[n]; equal ids have equal draws."""
    start = np.uint64(seed * _WEYL & _64)
    bits = _mixed(_mixed(ids.astype(np.uint64)) ^ start)
    drawn: Doubles = (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return drawn


def normal(ids: Rows, seed: int) -> Doubles:
    """Return a standard normal draw for each id, float64[n] (Box & Muller 1958)."""
    radius = np.sqrt(-2 * np.log1p(-uniform(ids, 2 * seed)))
    drawn: Doubles = radius * np.cos(2 * np.pi * uniform(ids, 2 * seed + 1))
    return drawn


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = bits + np.uint64(_WEYL)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
