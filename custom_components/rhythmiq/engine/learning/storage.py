"""Arrays in bytes: a line that says what it is, a checksum, an npz without pickled objects."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import hashlib
import io
import zipfile

import numpy as np

from ..errors import EngineError
from .rows import Column

_HEADER = b"RhythmIQ context model 1\n"  # the number is the version of the format
_CORRUPT = (zipfile.BadZipFile, EOFError, KeyError, IndexError, TypeError, ValueError)


def pack(arrays: Mapping[str, Column]) -> bytes:
    """Return the arrays as bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)  # most of context is absent
    payload = buffer.getvalue()
    return _HEADER + hashlib.sha256(payload).digest() + payload


@contextmanager
def unpack(data: bytes) -> Iterator[dict[str, Column]]:
    """Give the arrays that `pack` was given.

    Raises EngineError(`model_corrupt`) for anything else, also if who takes the arrays finds
    that they do not fit.
    """
    try:
        start = len(_HEADER) + hashlib.sha256().digest_size
        payload = bytes(data[start:])
        if bytes(data[:start]) != _HEADER + hashlib.sha256(payload).digest():
            raise EngineError("model_corrupt")
        with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
            arrays = dict(stored.items())
        yield arrays
    except _CORRUPT as error:
        if isinstance(error, EngineError):
            raise
        raise EngineError("model_corrupt") from error
