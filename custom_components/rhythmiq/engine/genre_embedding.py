"""Genres as places: near are those that share words, tracks and sound.

"hip hop", "hip-hop" and "southern hip hop" share words, "trap" and "rap" tracks, "sleep" and
"ambient" how they sound. No genre is known in advance, so this works for a catalog's own names.
"""

from collections.abc import Sequence
import zlib

import numpy as np

from .features import Doubles, Rows
from .imputation import Genres

_WORD_DIMENSIONS = 64  # random directions of words are nearly orthogonal in so many
_SOUND_SHARE = 0.5  # of the sound, where sharing no word and no track is a distance of √2
_SHRINKAGE = 5.0  # a genre's sound counts this many average tracks in


def embed(names: Sequence[str], pairs: Genres, sounds: Sequence[Doubles]) -> Doubles:
    """Return a place for each genre, float64[n_genres, 64 + len(sounds)].

    `names` are the genres' names without case and hyphens, `sounds` standardised features
    float64[n_tracks], NaN where unknown. The directions depend on the words alone: a genre has
    nearly the same place in any catalog in which it has the same company and sound.
    """
    return np.concatenate(
        [_company(names, pairs), *(_sound(z, pairs)[:, None] for z in sounds)], axis=1
    )


def _company(names: Sequence[str], pairs: Genres) -> Doubles:
    """Return the direction (length 1) of the words that are found with each genre.

    Each word's direction is random but always the same; it counts by its positive pointwise mutual
    information with the genre, over the words of all genres of the genre's tracks.
    """
    words = sorted({word for name in names for word in name.split()})
    at = {word: place for place, word in enumerate(words)}
    count = np.zeros((len(names), len(words)))
    for (genre, other), together in _meetings(pairs).items():
        for word in names[other].split():
            count[genre, at[word]] += together
    total = max(float(count.sum()), 1.0)
    expected = count.sum(axis=1, keepdims=True) * count.sum(axis=0) / total
    more = np.divide(count, expected, out=np.ones_like(count), where=count > expected)
    information = np.log(more)
    directions = np.stack([_direction(word) for word in words]) if words else np.zeros((0, 64))
    places = information @ directions
    length = np.linalg.norm(places, axis=1, keepdims=True)
    company: Doubles = places / np.where(length > 0, length, 1.0)
    return company


def _meetings(pairs: Genres) -> dict[tuple[int, int], int]:
    """Count the tracks on which each two genres meet, each genre with itself included."""
    start = np.searchsorted(pairs.track, pairs.track)
    size = np.bincount(pairs.track, minlength=pairs.n_tracks)[pairs.track]
    first = np.repeat(pairs.genre, size)
    offset = np.arange(len(first)) - np.repeat(np.cumsum(size) - size, size)
    second = pairs.genre[np.repeat(start, size) + offset]
    codes, counts = np.unique(first * pairs.n_genres + second, return_counts=True)
    return {
        divmod(code, pairs.n_genres): count
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True)
    }


def _direction(word: str) -> Doubles:
    rng = np.random.default_rng(zlib.crc32(word.encode()))
    return rng.standard_normal(_WORD_DIMENSIONS)


def _sound(z: Doubles, pairs: Genres) -> Doubles:
    known = ~np.isnan(z[pairs.track])
    genre: Rows = pairs.genre[known]
    total = np.bincount(genre, z[pairs.track][known], minlength=pairs.n_genres)
    count = np.bincount(genre, minlength=pairs.n_genres)
    return _SOUND_SHARE * total / (count + _SHRINKAGE)
