"""Codes for ids: who listened, and the nested groups artist ⊃ track ⊃ (listener, track)."""

import numpy as np
from numpy.typing import NDArray

from .nested import LEVELS
from .rows import Batch, Codes

NEW = -1  # the code of what was never met


def key(listener: int, code: int) -> int:
    """Return one number for a listener and an artist or a track, by their codes."""
    return listener << 32 | code


class Codebook:
    """Gives listeners numbers in order of appearance, and groups the number of their first row.

    So no code is given twice, and what is unknown (id -1) gets a code that nothing else has. A
    track stays with the artist it first came with.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._listeners: dict[int, int] = {}
        self._artists: dict[int, int] = {}
        self._tracks: dict[int, tuple[int, int]] = {}  # id → codes of artist and track
        self._pairs: dict[int, int] = {}  # by `key`

    def add(self, row: int, listener: int, track: int, artist: int) -> tuple[int, int, int, int]:
        """Return the codes of a row's listener (-1 unknown), artist, track and pair."""
        who = NEW if listener < 0 else self._listeners.setdefault(listener, len(self._listeners))
        if (known := self._tracks.get(track)) is None:
            known = (row if artist < 0 else self._artists.setdefault(artist, row)), row
            if track >= 0:
                self._tracks[track] = known
        home, number = known
        pair = row if who < 0 or track < 0 else self._pairs.setdefault(key(who, number), row)
        return who, home, number, pair

    def met(self, tracks: Codes, artists: Codes) -> NDArray[np.bool_]:
        """Tell which tracks (ids) were met, or else their artists."""
        ids = zip(tracks.tolist(), artists.tolist(), strict=True)
        found = [track in self._tracks or artist in self._artists for track, artist in ids]
        return np.array(found, dtype=np.bool_)

    def find(self, batch: Batch) -> tuple[Codes, Codes]:
        """Return listener codes int64[n] and (artist, track, pair) int64[n, LEVELS] of rows.

        NEW stands for what was never met.
        """
        who = [self._listeners.get(one, NEW) for one in batch.listener.tolist()]
        nested = np.full((len(batch), LEVELS), NEW)
        ids = zip(who, batch.track.tolist(), batch.artist.tolist(), strict=True)
        for row, (listener, track, artist) in enumerate(ids):
            if (known := self._tracks.get(track)) is None:
                nested[row, 0] = self._artists.get(artist, NEW)
            else:
                pair = NEW if listener < 0 else self._pairs.get(key(listener, known[1]), NEW)
                nested[row] = *known, pair
        return np.array(who, dtype=np.int64), nested
