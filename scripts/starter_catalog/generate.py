"""Draw invented tracks: names from the word grammar, features from each genre's statistics."""

from collections.abc import Callable, Iterator, Mapping
import csv
from dataclasses import dataclass
from functools import partial
import gzip
from math import erf, sqrt
from pathlib import Path
import random

import numpy as np
import numpy.typing as npt

from . import words
from .features import CONTINUOUS, LEVELS, RANGES

type Array = npt.NDArray[np.float64]

FOLDER = Path(__file__).parent
ALBUM = "RhythmIQ invented catalog"
SOURCE = "rhythmiq-invented"
COLUMNS = (
    *("track_id", "title", "artists", "album", "release_date", "release_year", "genre"),
    *("popularity", "duration_ms", "explicit", "time_signature", "danceability", "energy", "key"),
    *("loudness", "mode", "speechiness", "acousticness", "instrumentalness", "liveness"),
    *("valence", "tempo", "source"),
)
WHOLE = ("popularity", "duration_ms", "release_year")
TRACKS_PER_ARTIST = (4, 10)
LIKENESS = 0.4
"""Share of a genre's spread that lies between its artists rather than within one."""


@dataclass(frozen=True, slots=True)
class Genre:
    """One genre's statistics: `quantiles` (features, levels) and the share of major keys."""

    name: str
    quantiles: Array
    major: float


def read_genres() -> list[Genre]:
    """Return the table, in its order."""
    rows: dict[str, dict[str, Mapping[str, str]]] = {}
    with (FOLDER / "genres.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["genre"], {})[row["feature"]] = row
    levels = [f"p{level * 100:02.0f}" for level in LEVELS]
    return [
        Genre(
            name,
            np.array([[float(features[feature][p]) for p in levels] for feature in CONTINUOUS]),
            float(features["mode"]["mean"]),
        )
        for name, features in rows.items()
    ]


def read_correlations() -> Array:
    """Return the correlations of the continuous features, (features, features)."""
    return np.loadtxt(FOLDER / "correlations.csv", delimiter=",", skiprows=1)


def tracks(count: int, seed: int) -> Iterator[dict[str, object]]:
    """Yield `count` tracks, genre by genre, the same for the same seed (ids included)."""
    rng = np.random.default_rng(seed)
    names = random.Random(seed)  # noqa: S311 (names, not secrets)
    factor = np.linalg.cholesky(read_correlations())
    genres = read_genres()
    shares = np.diff(np.linspace(0, count, len(genres) + 1).round().astype(int))
    taken: set[str] = set()
    number = 0
    for genre, share in zip(genres, shares.tolist(), strict=True):
        left = share
        while left:
            size = min(left, int(rng.integers(*TRACKS_PER_ARTIST, endpoint=True)))
            left -= size
            who = _new(partial(words.artist, genre.name, names), taken)
            common = rng.standard_normal(len(CONTINUOUS))
            for _ in range(size):
                number += 1
                own = rng.standard_normal(len(CONTINUOUS))
                normal = factor @ (sqrt(LIKENESS) * common + sqrt(1 - LIKENESS) * own)
                key, mode = int(rng.integers(12)), int(rng.random() < genre.major)
                title = partial(words.title, genre.name, names, key=key, mode=mode)
                yield {
                    "track_id": f"InventedTrack{number:09}",
                    "title": _new(title, taken),
                    "artists": who,
                    "album": ALBUM,
                    "genre": genre.name,
                    "explicit": 0,
                    "time_signature": 4,
                    "key": key,
                    "mode": mode,
                    "source": SOURCE,
                    **_features(genre, normal),
                }


def _new(invent: Callable[[], str], taken: set[str]) -> str:
    """Return a name nobody has yet; a grammar that has run dry begins a second volume."""
    for volume in ("", " II", " III", " IV"):
        for _ in range(200):
            if (name := invent() + volume) not in taken:
                taken.add(name)
                return name
    raise RuntimeError("the word grammar has run out of names")


def _features(genre: Genre, normal: Array) -> dict[str, float | int]:
    """Map standard normal values to the genre's own distribution, clipped to the scales."""
    values: dict[str, float | int] = {}
    for feature, quantiles, z in zip(CONTINUOUS, genre.quantiles, normal.tolist(), strict=True):
        level = (1 + erf(z / sqrt(2))) / 2
        value = float(np.interp(level, LEVELS, quantiles))
        lowest, highest = RANGES.get(feature, (0.0, 1.0))
        value = min(max(value, lowest), highest)
        values[feature] = round(value) if feature in WHOLE else round(value, 4)
    return values


def write(path: Path, *, count: int = 5_000, seed: int = 1) -> None:
    """Write a catalog as CSV, gzipped when the name ends in `.gz`."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(tracks(count, seed))
