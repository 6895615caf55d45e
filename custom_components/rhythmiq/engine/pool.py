"""The tracks a sequence is made of."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np

from .catalog import Catalog
from .errors import EngineError
from .features import ORIGIN, Doubles, Rows
from .recordings import first_artist, recording
from .transition import Motion
from .tune_vector import GENRE, MEMBER, genre_coordinate


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """n tracks that may be played.

    `expected` float64[n, f] holds the standardised coordinates `names`, `variance` float64[n, f]
    how uncertain each is: 0 where it is known, that of its genre or of the catalog where it is
    missing. `utility` is what playing the track is worth. Two tracks of the same `recording` are
    never both chosen; those of an artist cost more each time ("" is nobody). `genres` may be left
    out. Raises EngineError (`nothing_matches` if there is no track, `track_without_duration`,
    `track_without_utility`), and ValueError for arrays that do not fit together.
    """

    uri: tuple[str, ...]
    seconds: Doubles
    utility: Doubles
    motion: Motion
    names: tuple[str, ...]
    expected: Doubles
    variance: Doubles
    artist: tuple[str, ...]
    recording: tuple[Hashable, ...]
    genres: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        """Check what later would end in a wrong order instead of an error."""
        n = len(self.uri)
        if n == 0:
            raise EngineError("nothing_matches")
        for name in ("seconds", "utility", "artist", "recording", "expected", "variance"):
            if len(column := getattr(self, name)) != n:
                raise ValueError(f"{name} must have {n} entries, not {len(column)}")
        if not self.expected.shape == self.variance.shape == (n, len(self.names)):
            raise ValueError(f"expected and variance must be [{n}, {len(self.names)}]")
        if not (np.isfinite(self.expected).all() and (self.variance >= 0).all()):
            raise ValueError("expected must be finite, variance at least 0")
        for key, column, fine in (
            ("track_without_duration", self.seconds, (self.seconds > 0)),
            ("track_without_utility", self.utility, np.isfinite(self.utility)),
        ):
            wrong = np.flatnonzero(~(fine & np.isfinite(column)))
            if len(wrong):
                first = int(wrong[0])
                raise EngineError(key, track=self.uri[first], value=f"{column[first]:g}")

    @classmethod
    def from_catalog(
        cls,
        catalog: Catalog,
        rows: Rows | Sequence[int],
        *,
        utility: Doubles | None = None,
        seconds: Doubles | None = None,
    ) -> Self:
        """Take some tracks of a catalog.

        `utility` and `seconds` are float64[len(rows)]; by default all tracks are worth the same and
        last as long as the catalog says.
        """
        rows = np.asarray(rows, dtype=np.int64)
        names = tuple(name for name, power in catalog.columns if power == 1 and name in ORIGIN)
        expected, variance = np.empty((2, len(rows), len(names)))
        for at, name in enumerate(names):
            expected[:, at] = catalog.matrix[catalog.columns.index((name, 1)), rows]
            variance[:, at] = catalog.variance(name)[rows]
        if seconds is None:
            seconds = catalog.column("duration_ms")[rows].astype(np.float64) / 1000
        return cls(
            uri=tuple(catalog.uri[row] for row in rows),
            seconds=seconds,
            utility=np.zeros(len(rows)) if utility is None else utility,
            motion=Motion.of(catalog, rows),
            names=names,
            expected=expected,
            variance=variance,
            artist=tuple(first_artist(catalog.artist[row]) for row in rows),
            recording=tuple(_recording(catalog, row) for row in rows.tolist()),
            genres=tuple(catalog.genres[row] for row in rows),
        )

    def take(self, rows: Rows) -> Self:
        """Return some of the tracks, in the given order."""
        return type(self)(
            uri=tuple(self.uri[row] for row in rows),
            seconds=self.seconds[rows],
            utility=self.utility[rows],
            motion=self.motion.take(rows),
            names=self.names,
            expected=self.expected[rows],
            variance=self.variance[rows],
            artist=tuple(self.artist[row] for row in rows),
            recording=tuple(self.recording[row] for row in rows),
            genres=tuple(self.genres[row] for row in rows if self.genres),
        )

    def coordinates(self, names: Sequence[str]) -> tuple[Doubles, Doubles]:
        """Return coordinates of all tracks and their variances, float64[n, names] each.

        One that no track has is unknown of all: the average, with the variance of a catalog.
        """
        expected, variance = np.zeros((2, len(self.uri), len(names)))
        for at, name in enumerate(names):
            if name in self.names:
                column = self.names.index(name)
                expected[:, at] = self.expected[:, column]
                variance[:, at] = self.variance[:, column]
            elif name.startswith(GENRE) and self.genres:
                known = set(chain.from_iterable(self.genres))
                same = {genre for genre in known if genre_coordinate(genre) == name}
                expected[:, at] = [MEMBER * (not same.isdisjoint(of)) for of in self.genres]
            else:
                variance[:, at] = 1.0
        return expected, variance


def _recording(catalog: Catalog, row: int) -> Hashable:
    """Return what a track is a recording of; one without a title is only itself."""
    title = catalog.title[row]
    return recording(title, catalog.artist[row]) if title else catalog.uri[row]
