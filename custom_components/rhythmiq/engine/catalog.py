"""All candidate tracks, columnar and read-only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
import io
import json
from typing import Self
import zipfile
import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import EngineError
from .features import CLIP, FEATURES, ON_CIRCLES, Doubles, Floats, Mask, Rows, coordinates, feature
from .genre_embedding import embed
from .imputation import Genres
from .marginals import Marginal, marginal
from .occasions import occasional
from .topk import top_k
from .utility import Term

_FORMAT = 1
_SHORTEST = 30_000  # milliseconds; shorter is a jingle or a failed analysis
_WITHOUT_ORDER = ("key", "mode")  # nor do they tell which tracks belong together
_CORRUPT = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError,
    OverflowError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """How a coordinate was standardised: z = (value - mean) / deviation."""

    mean: float
    deviation: float

    def standardise(self, value: Doubles | float) -> Doubles:
        """Return z, within ±CLIP."""
        z = (np.asarray(value, dtype=np.float64) - self.mean) / self.deviation
        return np.clip(z, -CLIP, CLIP)


class Catalog:
    """Candidate tracks: text columns as tuples, features as float32 arrays; nothing changes.

    `matrix` is float32[n_features, n_tracks], feature-major: one standardised coordinate per row,
    then the squares of those that may have an optimum inside. A missing value is represented by
    what is expected of it: its genres' centroid and second moment, or the catalog's (0 and 1).
    """

    uri: tuple[str, ...]
    title: tuple[str, ...]
    artist: tuple[str, ...]
    album: tuple[str, ...]
    genres: tuple[tuple[str, ...], ...]
    explicit: NDArray[np.int8]  # 1, 0, or -1 for unknown
    feature_names: tuple[str, ...]
    columns: tuple[tuple[str, int], ...]  # (coordinate, power 1 or 2) of each row of the matrix
    matrix: Floats

    def __init__(
        self,
        raw: Floats,
        feature_names: tuple[str, ...],
        text: Mapping[str, tuple[str, ...]],
        genres: tuple[tuple[str, ...], ...],
        explicit: NDArray[np.int8],
    ) -> None:
        """Take checked columns; use `from_arrays`."""
        self.uri, self.title = text["uri"], text["title"]
        self.artist, self.album = text["artist"], text["album"]
        self.genres, self.explicit, self.feature_names = genres, explicit, feature_names
        self._raw = np.ascontiguousarray(raw.T)
        self._raw.flags.writeable = False
        self._columns: dict[str, Floats] = dict(zip(feature_names, self._raw, strict=True))
        self._scales: dict[str, Scale] = {}
        self._imputed: dict[str, tuple[Rows, Doubles]] = {}
        self.columns, self.matrix = self._standardised()

    @classmethod
    def from_arrays(
        cls,
        features: ArrayLike,
        feature_names: Sequence[str],
        *,
        uri: Sequence[str] | None = None,
        title: Sequence[str] | None = None,
        artist: Sequence[str] | None = None,
        album: Sequence[str] | None = None,
        genre: Sequence[str | Sequence[str]] | None = None,
        explicit: Sequence[bool | None] | None = None,
    ) -> Self:
        """Build a catalog from `features` float[n, d] on raw scales, NaN where missing.

        `artist` is the display string "A, B"; `genre` holds one name or several per track. Rows
        stay in the given order; without `uri` they are named by their number. Features the engine
        does not know are standardised and can be weighed in `top`. Raises ValueError for arrays
        that do not fit together, infinities, or a uri given twice.
        """
        raw = np.asarray(features, dtype=np.float32)
        names = tuple(feature_names)
        if raw.ndim != 2 or raw.shape[1] != len(names):
            raise ValueError(f"features must be [n, {len(names)}], not {list(raw.shape)}")
        if len(set(names)) != len(names):
            raise ValueError("feature_names must not repeat")
        if np.isinf(raw).any():
            raise ValueError("features must not be infinite")
        n = len(raw)
        text = {
            "uri": tuple(f"row:{row:09d}" for row in range(n)) if uri is None else tuple(uri),
            "title": ("",) * n if title is None else tuple(title),
            "artist": ("",) * n if artist is None else tuple(artist),
            "album": ("",) * n if album is None else tuple(album),
        }
        genres = ((),) * n if genre is None else tuple(map(_names, genre))
        flags = [None] * n if explicit is None else list(explicit)
        for name, column in {**text, "genre": genres, "explicit": flags}.items():
            if len(column) != n:
                raise ValueError(f"{name} must have {n} entries, not {len(column)}")
        if len(set(text["uri"])) != n:
            raise ValueError("uri must not repeat")
        codes = np.array([-1 if flag is None else int(flag) for flag in flags], dtype=np.int8)
        return cls(raw, names, text, genres, codes)

    def save(self) -> bytes:
        """Return the catalog as a compressed, versioned npz without pickled objects."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            format=np.array(_FORMAT),
            features=self._raw.T,
            explicit=self.explicit,
            text=_packed(
                {
                    "feature_names": self.feature_names,
                    "uri": self.uri,
                    "title": self.title,
                    "artist": self.artist,
                    "album": self.album,
                    "genre": self.genres,
                }
            ),
        )
        return buffer.getvalue()

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Read what `save` wrote. Raises EngineError(`catalog_corrupt`) for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                if stored["format"].item() != _FORMAT:
                    raise EngineError("catalog_corrupt")
                text = json.loads(stored["text"].tobytes())
                explicit = [None if flag < 0 else bool(flag) for flag in stored["explicit"]]
                return cls.from_arrays(stored["features"], explicit=explicit, **text)
        except _CORRUPT as error:
            raise EngineError("catalog_corrupt") from error

    @property
    def n_tracks(self) -> int:
        """The number of tracks."""
        return len(self.uri)

    @property
    def n_features(self) -> int:
        """The number of rows of the matrix, hence of weights `top` expects."""
        return len(self.columns)

    def column(self, name: str) -> Floats:
        """Return a feature on its raw scale, NaN where missing; KeyError if there is none such."""
        if (known := self._columns.get(name)) is not None:
            return known
        if name not in FEATURES:
            raise KeyError(name)
        values = np.full(self.n_tracks, np.nan, dtype=np.float32)
        values.flags.writeable = False
        return values

    def variance(self, coordinate: str) -> Floats:
        """Return how uncertain a coordinate is: 0 where known, its genres' spread where missing.

        float32[n], in squared standard deviations. KeyError if there is no such coordinate.
        """
        variance = np.zeros(self.n_tracks, dtype=np.float32)
        if coordinate not in self._scales:
            raise KeyError(coordinate)
        if coordinate in self._imputed:
            rows, of_missing = self._imputed[coordinate]
            variance[rows] = of_missing
        return variance

    @cached_property
    def marginals(self) -> tuple[Marginal, ...]:
        """Where each track stands among the catalog's, per feature that has an order."""
        return tuple(
            marginal(name, coordinates(name, raw)[name], self.tracks_by_genre)
            for name, raw in zip(self.feature_names, self._raw, strict=True)
            if name not in _WITHOUT_ORDER
        )

    @cached_property
    def genre_embedding(self) -> Doubles:
        """A place for each genre of `tracks_by_genre`, float64[n_genres, dimensions]; see embed."""
        sounds = [one.values() for one in self.marginals]
        return embed(tuple(self._genre_ids), self.tracks_by_genre, sounds)

    def index_of(self, uri: str) -> int | None:
        """Return the row of a track, or None."""
        return self._rows_by_uri.get(uri)

    def rows_of(self, uris: Sequence[str]) -> Rows:
        """Return the rows of some tracks, int64[n]; -1 for those the catalog does not have."""
        known = self._rows_by_uri
        return np.array([known.get(uri, -1) for uri in uris], dtype=np.int64)

    def top(self, weights: ArrayLike, k: int) -> tuple[Rows, Floats]:
        """Return the rows and scores of the `k` tracks with the largest weights · coordinates.

        `weights` is float[n_features]. Descending, ties by lower row, as a full sort would give;
        all tracks when `k` is larger. Raises ValueError for weights of another shape or not finite.
        """
        vector = np.asarray(weights, dtype=np.float32)
        if vector.shape != (self.n_features,) or not np.isfinite(vector).all():
            raise ValueError(f"weights must be {self.n_features} finite numbers")
        score = self.scores(vector)
        rows = top_k(score, k)
        return rows, score[rows]

    def scores(self, weights: Floats) -> Floats:
        """Score every track: one pass over memory."""
        return np.asarray(weights @ self.matrix, dtype=np.float32)

    def weights(self, term: Term) -> Doubles:
        """Express a term as weights float64[n_features]; what the catalog lacks weighs nothing."""
        return np.array(
            [
                term.slopes.get(name, 0.0) if power == 1 else -term.curvatures.get(name, 0.0) / 2
                for name, power in self.columns
            ]
        )

    def place(self, name: str, value: float) -> dict[str, float]:
        """Return the standardised coordinates of a raw feature value, as far as there are any.

        Who names a tempo means that one, and not its half and double.
        """
        places = coordinates(name, value)
        return {
            coordinate: float(self._scales[coordinate].standardise(float(there)))
            for coordinate, there in places.items()
            if coordinate in self._scales and (coordinate == name or name not in places)
        }

    @cached_property
    def genre_names(self) -> tuple[str, ...]:
        """All genres, sorted."""
        return tuple(sorted({name for names in self.genres for name in names}))

    def genre_rows(self, name: str) -> Rows:
        """Return the rows of a genre, whatever its case and hyphens; none if it is unknown."""
        ids = self._genre_ids.get(fold(name))
        pairs = self.tracks_by_genre
        return pairs.track[pairs.genre == ids] if ids is not None else pairs.track[:0]

    @cached_property
    def playable(self) -> Mask:
        """Tell (bool[n]) which tracks are music: no failed analysis, not shorter than 30 s."""
        return ~((self.column("tempo") <= 0) | (self.column("duration_ms") < _SHORTEST))

    @cached_property
    def occasional(self) -> Mask:
        """Tell (bool[n]) which tracks were made for an occasion only."""
        return occasional(self.title, self.album, self.genres)

    @cached_property
    def uri_rank(self) -> Rows | None:
        """The place of each row in the order of uris; None if the rows are in that order."""
        order = sorted(range(self.n_tracks), key=self.uri.__getitem__)
        if order == list(range(self.n_tracks)):
            return None
        rank = np.empty(self.n_tracks, dtype=np.int64)
        rank[order] = np.arange(self.n_tracks)
        return rank

    @cached_property
    def _rows_by_uri(self) -> dict[str, int]:
        return {uri: row for row, uri in enumerate(self.uri)}

    @cached_property
    def _genre_ids(self) -> dict[str, int]:
        ids: dict[str, int] = {}
        for name in self.genre_names:
            ids.setdefault(fold(name), len(ids))
        return ids

    @cached_property
    def tracks_by_genre(self) -> Genres:
        """Which track has which genres, by number; names that fold alike are one genre."""
        ids = {name: self._genre_ids[fold(name)] for name in self.genre_names}
        return Genres(
            n_tracks=self.n_tracks,
            n_genres=len(self._genre_ids),
            track=np.repeat(np.arange(self.n_tracks), [len(names) for names in self.genres]),
            genre=np.fromiter((ids[name] for names in self.genres for name in names), np.int64),
        )

    def _standardised(self) -> tuple[tuple[tuple[str, int], ...], Floats]:
        lines: dict[tuple[str, int], Doubles] = {}
        for name, raw in zip(self.feature_names, self._raw, strict=True):
            for coordinate, values in coordinates(name, raw).items():
                known = ~np.isnan(values)
                self._scales[coordinate] = scale = _scale(
                    values[known], fixed=coordinate in ON_CIRCLES
                )
                z = scale.standardise(values)
                squares = z * z
                if not known.all():
                    mean, variance = self.tracks_by_genre.expected(z, known)
                    z[~known], squares[~known] = mean, mean**2 + variance
                    self._imputed[coordinate] = np.flatnonzero(~known), variance
                lines[coordinate, 1] = z
                if feature(name).curved and coordinate == name:
                    lines[coordinate, 2] = squares
        columns = tuple(sorted(lines, key=lambda column: column[1]))
        matrix = np.empty((len(columns), len(self.uri)), dtype=np.float32)
        for row, column in enumerate(columns):
            matrix[row] = lines[column]
        matrix.flags.writeable = False
        return columns, matrix


def fold(name: str) -> str:
    """Return a name as it is compared: no case, hyphens and underscores as spaces."""
    return " ".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _names(genre: str | Sequence[str]) -> tuple[str, ...]:
    names = (genre,) if isinstance(genre, str) else tuple(genre)
    return tuple(dict.fromkeys(name for name in names if name))


def _scale(values: Doubles, *, fixed: bool) -> Scale:
    """Measure mean and deviation, in float32 so that the order of the rows does not show."""
    if fixed or len(values) == 0:
        return Scale(0.0, 1.0)
    deviation = float(np.float32(values.std()))
    return Scale(float(np.float32(values.mean())), deviation if deviation > 0 else 1.0)


def _packed(value: object) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value, ensure_ascii=False).encode(), dtype=np.uint8)
