"""The k largest of many numbers, without sorting them all."""

import numpy as np

from .features import Floats, Rows

_BLOCKS = 512


def top_k(score: Floats, k: int) -> Rows:
    """Return the indices of the `k` largest scores, descending, ties by lower index.

    The maxima of 512 blocks bound the k-th score from below: at least k scores reach the k-th
    largest maximum, and only those few need sorting. `k` beyond the end returns everything.
    """
    n = len(score)
    k = min(k, n)
    if k <= 0:
        return np.empty(0, dtype=np.int64)
    if n >= 64 * _BLOCKS and k <= _BLOCKS // 2:
        maxima = score[: n // _BLOCKS * _BLOCKS].reshape(_BLOCKS, -1).max(axis=1)
        bound = np.partition(maxima, _BLOCKS - k)[_BLOCKS - k]
    else:
        bound = np.partition(score, n - k)[n - k]
    candidates = np.flatnonzero(score >= bound)
    order = np.argsort(-score[candidates], kind="stable")[:k]
    return candidates[order]
