"""Genres as places: near are those that share words, tracks and sound.

"hip hop", "hip-hop" and "southern hip hop" share words, "trap" and "rap" tracks, "sleep" and
"ambient" how they sound. No genre is known in advance, so this works for a catalog's own names.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from .features import Doubles, Rows
from .imputation import Genres

_WORD_DIMENSIONS = 64  # random directions of words are nearly orthogonal in so many
_SOUND_SHARE = 0.5  # of the sound, where sharing no word and no track is a distance of √2
_AT_ONCE = 2_000_000  # meetings of genres that are in memory at once
_NONE: Rows = np.empty(0, dtype=np.int64)
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
    n = len(names)
    split = [name.split() for name in names]
    vocabulary = sorted({word for words in split for word in words})
    at = {word: place for place, word in enumerate(vocabulary)}
    words = np.array([at[word] for words in split for word in words], dtype=np.int64)
    size = np.array([len(words) for words in split], dtype=np.int64)

    met, together = _meetings(pairs)
    genre, other = np.divmod(met, max(n, 1))
    word = words[_ranges((np.cumsum(size) - size)[other], size[other])]
    genre, together = (np.repeat(values, size[other]) for values in (genre, together))
    found, count = _total(genre * len(words) + word, together)
    genre, word = np.divmod(found, max(len(words), 1))
    of_genre = np.bincount(genre, count, minlength=n)[genre]
    of_word = np.bincount(word, count, minlength=len(words))[word]
    information = np.maximum(np.log(count * count.sum() / (of_genre * of_word)), 0.0)

    directions = np.array([_direction(word) for word in vocabulary]).reshape(-1, _WORD_DIMENSIONS)
    places = np.stack(
        [np.bincount(genre, information * line[word], minlength=n) for line in directions.T],
        axis=1,
    )
    length = np.linalg.norm(places, axis=1, keepdims=True)
    company: Doubles = places / np.where(length > 0, length, 1.0)
    return company


def _meetings(pairs: Genres) -> tuple[Rows, Doubles]:
    """Count the tracks on which each two genres meet, each genre with itself included.

    Returns the pairs' codes, genre · n_genres + other, and the counts.
    """
    of_track = np.bincount(pairs.track, minlength=pairs.n_tracks)
    size = of_track[pairs.track]
    start = (np.cumsum(of_track) - of_track)[pairs.track]
    block = np.cumsum(size) // _AT_ONCE
    parts = []
    for number in np.unique(block):
        here = block == number
        first = np.repeat(pairs.genre[here], size[here])
        second = pairs.genre[_ranges(start[here], size[here])]
        parts.append(_total(first * pairs.n_genres + second, np.ones(len(first))))
    codes, counts = ([part[place] for part in parts] for place in (0, 1))
    return _total(np.concatenate([*codes, _NONE]), np.concatenate([*counts, _NONE]))


def _total(codes: Rows, amounts: Doubles) -> tuple[Rows, Doubles]:
    """Return each code once, ascending, with the sum of its amounts."""
    unique, place = np.unique(codes, return_inverse=True)
    return unique, np.bincount(place, amounts, minlength=len(unique)).astype(np.float64)


def _ranges(start: Rows, size: Rows) -> Rows:
    """Return start[0], …, start[0] + size[0] - 1, start[1], … as one array."""
    shift: Rows = np.repeat(start - (np.cumsum(size) - size), size)
    return shift + np.arange(len(shift))


def _direction(word: str) -> Doubles:
    """Return ±1 in every dimension, the same for a word everywhere."""
    digest = blake2b(word.encode(), digest_size=_WORD_DIMENSIONS // 8).digest()
    bits: Doubles = np.unpackbits(np.frombuffer(digest, np.uint8)).astype(np.float64)
    return 2 * bits - 1


def _sound(z: Doubles, pairs: Genres) -> Doubles:
    known = ~np.isnan(z[pairs.track])
    genre: Rows = pairs.genre[known]
    total = np.bincount(genre, z[pairs.track][known], minlength=pairs.n_genres)
    count = np.bincount(genre, minlength=pairs.n_genres)
    return _SOUND_SHARE * total / (count + _SHRINKAGE)
