"""The k largest of many numbers, without sorting them all."""

import numpy as np

from .features import Floats, Rows

_BLOCKS = 512  # at least


def top_k(score: Floats, k: int) -> Rows:
    """Return the indices of the `k` largest scores, descending, ties by lower index.

    The maxima of at least 2 k blocks bound the k-th score from below: at least k scores reach the
    k-th largest maximum, and only those few need sorting. `k` beyond the end returns everything.
    """
    n = len(score)
    k = min(k, n)
    if k <= 0:
        return np.empty(0, dtype=np.int64)
    blocks = max(_BLOCKS, 1 << (2 * k - 1).bit_length())
    if n >= 64 * blocks:
        maxima = score[: n // blocks * blocks].reshape(blocks, -1).max(axis=1)
        bound = np.partition(maxima, blocks - k)[blocks - k]
    else:
        bound = np.partition(score, n - k)[n - k]
    candidates = np.flatnonzero(score >= bound)
    order = np.argsort(-score[candidates], kind="stable")[:k]
    return candidates[order]
