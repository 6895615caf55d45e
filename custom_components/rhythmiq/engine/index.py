"""What ranking looks up in a catalog again and again, computed once for each."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property
from typing import Any, Self
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from .catalog import Catalog, fold
from .features import Doubles, Floats, Mask, Rows
from .ids import stable_id, track_id
from .recordings import first_artist, recording

type Codes = NDArray[np.int32]

_ORDINARY_SECONDS = 210.0  # of a track whose duration nobody knows
_KEPT = 64  # lookups; some are as long as the catalog
_SAMPLE = 96  # more than a catalog has columns


class Index:
    """Codes, ids and lookups of a catalog's rows; -1 codes what is unknown."""

    def __init__(self, catalog: Catalog) -> None:
        """Use `of`, which computes everything once per catalog."""
        # Only columns: a reference to the catalog would keep both alive for ever.
        self._uri, self._title = catalog.uri, catalog.title
        self._artist, self._album = catalog.artist, catalog.album
        self._genres = catalog.genres
        self._playable, self._duration = catalog.playable, catalog.column("duration_ms")
        self._tempo = catalog.column("tempo")
        self.ordinary: Mask = catalog.playable & ~catalog.occasional
        self._recordings: dict[int, Hashable] = {}
        self._found: dict[Hashable, tuple[object, Any]] = {}  # with what they were found for

    @classmethod
    def of(cls, catalog: Catalog) -> Self:
        """Return the index of a catalog."""
        if (index := _INDEXES.get(catalog)) is None:
            index = _INDEXES.setdefault(catalog, cls(catalog))
        return index  # type: ignore[return-value]

    @cached_property
    def track_ids(self) -> Rows:
        """Return int64[n], the model's number of each track."""
        return np.fromiter(map(track_id, self._uri), np.int64, len(self._uri))

    @cached_property
    def sample(self) -> Rows:
        """Return up to _SAMPLE rows that stand for all, whatever the order of rows."""
        return np.argsort(self.track_ids)[:_SAMPLE]

    @cached_property
    def artists(self) -> dict[str, int]:
        """Return the code of each first artist, as compared; "" is not one."""
        known = dict.fromkeys(map(first_artist, self._artist))
        known.pop("", None)
        return {name: code for code, name in enumerate(known)}

    @cached_property
    def artist(self) -> Codes:
        """Return int32[n], the code of each track's first artist."""
        codes = self.artists
        return np.fromiter(
            (codes.get(first_artist(shown), -1) for shown in self._artist),
            np.int32,
            len(self._artist),
        )

    @cached_property
    def artist_ids(self) -> Rows:
        """Return int64[n], the model's number of each track's first artist."""
        numbers = np.array([*map(stable_id, self.artists), -1], dtype=np.int64)
        return numbers[self.artist]

    @cached_property
    def album(self) -> Codes:
        """Return int32[n], the code of each track's album: its title and its first artist."""
        return _codes(
            (title, artist) if title else None
            for title, artist in zip(self._album, self.artist.tolist(), strict=True)
        )

    @cached_property
    def genre(self) -> Codes:
        """Return int32[n], the code of each track's first genre."""
        return _codes(fold(names[0]) if names else None for names in self._genres)

    @cached_property
    def octaves(self) -> Floats:
        """Return float32[n], the logarithm to base 2 of the tempo; infinite where unknown."""
        known = self._tempo > 0
        octaves = np.full(len(known), np.inf, dtype=np.float32)
        np.log2(self._tempo, out=octaves, where=known)
        return octaves

    @cached_property
    def _by_artist(self) -> tuple[Rows, Rows]:
        """Return the rows sorted by artist code, and where each code begins."""
        order = np.argsort(self.artist, kind="stable")
        starts = np.searchsorted(self.artist[order], np.arange(len(self.artists) + 1))
        return order, starts

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """Return the rows on which each part of "A, B" stands."""
        rows: dict[str, list[int]] = {}
        for row, shown in enumerate(self._artist):
            for name in dict.fromkeys(shown.casefold().split(", ")):
                rows.setdefault(name, []).append(row)
        return rows

    @cached_property
    def _by_genre(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, names in enumerate(self._genres):
            for name in dict.fromkeys(map(fold, names)):
                rows.setdefault(name, []).append(row)
        return rows

    def genre_rows(self, name: str) -> Rows:
        """Return the rows of a genre, ascending, whatever its case and hyphens."""
        genre = fold(name)
        return self.remember(
            ("genre", genre), lambda: np.array(self._by_genre.get(genre, ()), dtype=np.int64)
        )

    def artist_rows(self, name: str) -> Rows:
        """Return the rows by an artist, ascending, alone or among others, whatever the case.

        The name may hold a comma itself; a part of a name is not found.
        """
        wanted = name.strip().casefold()
        delimited = f", {wanted}, "
        there = self._by_name.get(wanted.split(", ", maxsplit=1)[0], ()) if wanted else ()
        found = [row for row in there if delimited in f", {self._artist[row].casefold()}, "]
        return np.array(found, dtype=np.int64)

    def rows_of_first(self, codes: Rows) -> tuple[Rows, Rows]:
        """Return the rows of some first artists, and which of these (its place) each row has."""
        order, starts = self._by_artist
        counts = starts[codes + 1] - starts[codes]
        which = np.repeat(np.arange(len(codes)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return order[starts[codes][which] + within], which

    def near_tempo(self, low: float, high: float, edge: float) -> tuple[Rows, Doubles]:
        """Return the rows with a tempo from `low` to `high`, and how much so: 1, falling to 0.

        Outside, what falls is linear in octaves and ends `edge` of them away.
        """
        least, most = np.log2((low, high)).astype(np.float32)
        off = np.maximum(least - self.octaves, self.octaves - most)
        rows = np.flatnonzero(off < edge)
        return rows, np.clip(1 - off[rows].astype(np.float64) / edge, 0, 1)

    def recording(self, row: int) -> Hashable:
        """Return what a track is a recording of; one without a title is only itself."""
        if (known := self._recordings.get(row)) is None:
            title = self._title[row]
            known = recording(title, self._artist[row]) if title else self._uri[row]
            self._recordings[row] = known
        return known

    def seconds(self, rows: Rows | Sequence[int]) -> Doubles:
        """Return the durations of some tracks, float64[k]; the usual one where unknown."""
        seconds = self._duration[rows].astype(np.float64) / 1000
        return np.where(np.isnan(seconds), _ORDINARY_SECONDS, seconds)

    def remember[T](self, key: Hashable, find: Callable[[], T], given: object = None) -> T:
        """Return what was found for a key before, `given` the same, or find it."""
        known = self._found.get(key)
        if known is None or known[0] != given:
            if known is None and len(self._found) >= _KEPT:
                self._found.clear()
            self._found[key] = known = (given, find())
        found: T = known[1]
        return found


_INDEXES: WeakKeyDictionary[Catalog, Index] = WeakKeyDictionary()


def _codes(labels: Iterable[Hashable]) -> Codes:
    """Return a code for each label, by first appearance; -1 for None."""
    codes: dict[Hashable, int] = {}
    return np.array(
        [-1 if label is None else codes.setdefault(label, len(codes)) for label in labels],
        dtype=np.int32,
    )
