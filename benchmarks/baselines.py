"""Plainer ways to continue a playlist and to guess a rating, for comparison.

The ways to continue a playlist see what `benchmarks.playlists` shows: a catalog and the rows of the
seeds; higher is more alike. Four of the nine audio features are skewed and used as logarithms;
everything is standardised and cut at three deviations, except by `raw_distance`.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.playlists import AUDIO, Model, cosine
from benchmarks.situnes import Ratings
from custom_components.rhythmiq.engine import Catalog

type Doubles = NDArray[np.float64]
type Rows = NDArray[np.int64]

SKEWED = ("speechiness", "acousticness", "instrumentalness", "liveness")
PRIOR_SEEDS = 5  # the catalog counts as much as so many seeds
YEARS = 3  # added to the deviation of the seeds' release years
SHRINK = 5  # ratings of nobody in particular


def _audio(catalog: Catalog) -> Doubles:
    return np.stack([catalog.column(name).astype(np.float64) for name in AUDIO], axis=1)


def standardised(catalog: Catalog) -> Doubles:
    """Return float64[n, 9]."""
    audio = _audio(catalog)
    for name in SKEWED:
        audio[:, AUDIO.index(name)] = np.log(audio[:, AUDIO.index(name)] + 1e-3)
    scaled: Doubles = np.clip((audio - audio.mean(axis=0)) / audio.std(axis=0), -3, 3)
    return scaled


def chance(catalog: Catalog) -> Model:
    """Score at random, the same way every time the same seeds are shown."""
    return lambda seeds: np.random.default_rng(seeds).random(catalog.n_tracks)


def popularity(catalog: Catalog) -> Model:
    """Score by popularity whatever the seeds are."""
    score = catalog.column("popularity").astype(np.float64)
    return lambda _: score


def raw_distance(catalog: Catalog) -> Model:
    """Score by the distance to the seeds' mean, on the features' own scales."""
    audio = _audio(catalog)

    def model(seeds: Rows) -> Doubles:
        score: Doubles = -((audio - audio[seeds].mean(axis=0)) ** 2).sum(axis=1)
        return score

    return model


def centroid(catalog: Catalog) -> Model:
    """Score by the distance to the seeds' mean, standardised."""
    z = standardised(catalog)

    def model(seeds: Rows) -> Doubles:
        score: Doubles = -((z - z[seeds].mean(axis=0)) ** 2).sum(axis=1)
        return score

    return model


def inverse_variance(catalog: Catalog) -> Model:
    """Score by a distance in which a feature counts the more, the more the seeds agree on it."""
    z = standardised(catalog)

    def model(seeds: Rows) -> Doubles:
        weight = 1 / (z[seeds].var(axis=0) + 0.2)
        score: Doubles = -((z - z[seeds].mean(axis=0)) ** 2) @ weight
        return score

    return model


def log_ratio(catalog: Catalog) -> Model:
    """Score by a Gaussian of the seeds against the catalog's, shrunk towards that."""
    z = standardised(catalog)

    def model(seeds: Rows) -> Doubles:
        n = len(seeds)
        mean = n * z[seeds].mean(axis=0) / (n + PRIOR_SEEDS)
        variance = (n * z[seeds].var(axis=0) + PRIOR_SEEDS) / (n + PRIOR_SEEDS)
        ratio: Doubles = ((z**2 - (z - mean) ** 2 / variance - np.log(variance)) / 2).sum(axis=1)
        return ratio

    return model


def log_ratio_with_year(catalog: Catalog) -> Model:
    """Add how far a track's release year is from the seeds'; unknown years are average."""
    without, year = log_ratio(catalog), catalog.column("release_year").astype(np.float64)

    def model(seeds: Rows) -> Doubles:
        known = year[seeds][~np.isnan(year[seeds])]
        if len(known) < 3:
            return without(seeds)
        closeness = -(((year - known.mean()) / (known.std() + YEARS)) ** 2) / 2
        closeness[np.isnan(closeness)] = np.nanmean(closeness)
        ratio: Doubles = without(seeds) + closeness
        return ratio

    return model


CONTINUATIONS = {
    "chance": chance,
    "popularity": popularity,
    "raw distance": raw_distance,
    "cosine": cosine,
    "standardised centroid": centroid,
    "inverse variance": inverse_variance,
    "Gaussian log-ratio": log_ratio,
    "Gaussian log-ratio with year": log_ratio_with_year,
}


def shrunken_means(learned: Ratings, asked: Ratings) -> Doubles:
    """Expect of a rating what the listener and the track add to the mean, both shrunk to 0."""
    liked = learned.positive.astype(np.float64)
    rest, expected = liked - liked.mean(), np.full(len(asked.track), liked.mean())
    for known, wanted in ((learned.listener, asked.listener), (learned.track, asked.track)):
        names, place = np.unique(known, return_inverse=True)
        offset = np.bincount(place, rest) / (np.bincount(place) + SHRINK)
        rest = rest - offset[place]
        found = np.searchsorted(names, wanted).clip(max=len(names) - 1)
        expected += np.where(names[found] == wanted, offset[found], 0)
    return expected
