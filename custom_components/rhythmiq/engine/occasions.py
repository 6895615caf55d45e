"""Recordings made for an occasion: out of place at any other.

Children's songs, Christmas songs, comedy, spoken word and sleep noise share their audio features
with ordinary music, so no weight on features keeps them out of a dinner. They are recognised by
genre, title and album, and are eligible only where a request leaves nothing else.
"""

from collections.abc import Sequence
import re

import numpy as np

from .features import Mask

_GENRES = re.compile(
    r"\b(christmas|comedy|children|children's music|kids|disney|lullaby|nursery|spoken word|"
    r"audiobook|podcast|asmr|sleep|white noise|sound effects)\b",
)
_TITLES = re.compile(
    r"\b(christmas|xmas|x-mas|jingle bell|silent night|winter wonderland|rudolph the red|"
    r"feliz navidad|navidad|weihnacht\w*|joyeux no[eë]l|santa claus|santa baby|santa tell|"
    r"sleigh ride|let it snow|holy night|mistletoe|frosty the snowman|little drummer boy|"
    r"hark!? the herald|deck the halls|white noise|brown noise|pink noise|rain sounds|"
    r"nature sounds|nursery rhymes?|skit)\b",
)


def occasional(
    titles: Sequence[str], albums: Sequence[str], genres: Sequence[Sequence[str]]
) -> Mask:
    """Tell for each track (bool[n]) whether it was made for an occasion."""
    by_genre = {
        genre: _GENRES.search(genre.casefold()) is not None
        for genre in {genre for names in genres for genre in names}
    }
    return np.fromiter(
        (
            any(by_genre[genre] for genre in names)
            or _TITLES.search(f"{title} / {album}".casefold()) is not None
            for title, album, names in zip(titles, albums, genres, strict=True)
        ),
        dtype=np.bool_,
        count=len(titles),
    )
