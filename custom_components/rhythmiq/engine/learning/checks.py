"""What callers may hand in, said argument by argument."""

import numpy as np
from numpy.typing import ArrayLike

from ..features import Doubles, Floats, Rows
from .rows import Batch

_FAR = 1e30  # beyond this a 32-bit float overflows


def batch(  # noqa: PLR0917 - as ContextModel takes them
    n_features: int,
    n_context: int,
    listener: ArrayLike,
    track: ArrayLike,
    artist: ArrayLike,
    features: ArrayLike,
    context: ArrayLike,
    when: ArrayLike | None,
    reward: ArrayLike | None,
) -> Batch:
    """Return rows that fit together. Raises ValueError that names the argument and why."""
    listeners = _ids("listener", listener)
    n = len(listeners)
    return Batch(
        listener=listeners,
        track=_ids("track", track, n),
        artist=_ids("artist", artist, n),
        features=_matrix("features", features, n, n_features),
        context=_matrix("context", context, n, n_context),
        when=np.full(n, np.inf if reward is None else -np.inf) if when is None
        else _numbers("when", when, n),
        reward=np.full(n, np.nan) if reward is None else _reward(reward, n),
    )  # fmt: skip


def size(name: str, value: object, least: int) -> int:
    """Return a whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {value!r}")
    return int(value)


def _ids(name: str, values: ArrayLike, n: int | None = None) -> Rows:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must be [n], not {list(array.shape)}")
    if n is not None and len(array) != n:
        raise ValueError(f"{name} must have {n} entries like listener, not {len(array)}")
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "iu" or (array.dtype == np.uint64 and array.max() >= 2**63):
        raise ValueError(f"{name} must be int64, not {array.dtype}")
    whole = array.astype(np.int64)
    if whole.min() < -1:
        raise ValueError(f"{name} must be ids, or -1 for unknown; there is {whole.min()}")
    return whole


def _matrix(name: str, values: ArrayLike, n: int, width: int) -> Floats:
    array = _float(name, values)
    if array.shape != (n, width):
        if n == 0 and array.size == 0:
            return np.empty((0, width), dtype=np.float32)
        raise ValueError(f"{name} must be [{n}, {width}], not {list(array.shape)}")
    if (np.abs(array) > _FAR).any():
        raise ValueError(f"{name} must not be infinite or beyond {_FAR:g}")
    return array.astype(np.float32)


def _numbers(name: str, values: ArrayLike, n: int) -> Doubles:
    array = _float(name, values)
    if array.shape != (n,):
        raise ValueError(f"{name} must be [{n}], not {list(array.shape)}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite")
    return array


def _reward(values: ArrayLike, n: int) -> Doubles:
    array = _numbers("reward", values, n)
    if n and (array.min() < 0 or array.max() > 1):
        raise ValueError(f"reward must be in [0, 1]; there is {array.min():g} to {array.max():g}")
    return array


def _float(name: str, values: ArrayLike) -> Doubles:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numbers: {error}") from error
