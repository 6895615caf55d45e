"""Finding tracks of the catalog by what people say of them."""

from dataclasses import dataclass
from itertools import islice
import re
import sqlite3
from typing import Final

_WORD: Final = re.compile(r"\w+")
_APOSTROPHES: Final = re.compile(r"['\u2019]")  # "whats left" finds "What's Left"
_PLAIN: Final = "replace(replace({column}, '''', ''), char(0x2019), '')"
# Enough to choose the best from; a word such as "love" is in a tenth of all titles
_MOST_CANDIDATES: Final = 500


@dataclass(frozen=True, slots=True)
class FoundTrack:
    """A track of the catalog that holds all words of a query."""

    uri: str
    title: str
    artist: str
    album: str


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared, whatever their case and punctuation."""
    return _WORD.findall(_APOSTROPHES.sub("", text.casefold()))


def match(words: list[str], title: str, artist: str = "") -> float:
    """Return how well a title, and whose it is, answers the words: from 0 (not at all) to 1.

    The whole title comes before the whole artist, that before the title's beginning, and that
    before words from both; every word has to begin one of theirs.
    """
    ours, whose = words_of(title), words_of(artist)
    if not words or not all(
        any(candidate.startswith(word) for candidate in (*ours, *whose)) for word in words
    ):
        return 0.0
    if words == ours:
        return 1.0
    if words == whose:
        return 0.9
    if sorted(words) == sorted(ours + whose):
        return 0.95
    if words == ours[: len(words)]:
        return 0.8
    return 0.5 * len(words) / max(len(ours) + len(whose), len(words))


def search(connection: sqlite3.Connection, query: str, limit: int) -> list[FoundTrack]:
    """Return at most ``limit`` tracks whose title and artist hold all words, the best first."""
    words = words_of(query)
    if not words:
        return []
    patterns = [_pattern(word) for word in words]
    columns = [_PLAIN.format(column=column) for column in ("title", "artist")]
    condition = " AND ".join(["({} LIKE ? OR {} LIKE ?)".format(*columns)] * len(patterns))
    rows = connection.execute(
        "SELECT uri, title, coalesce(artist, ''), coalesce(album, '') FROM tracks"  # noqa: S608
        f" WHERE {condition} ORDER BY length(title) LIMIT ?",
        (*(pattern for pattern in patterns for _ in range(2)), _MOST_CANDIDATES),
    )
    ranked = [(match(words, row[1], row[2]), FoundTrack(*row)) for row in rows]
    ranked = [each for each in ranked if each[0] > 0]
    ranked.sort(key=lambda each: (-each[0], each[1].title, each[1].uri))
    return [track for _, track in ranked[:limit]]


def by_artist(connection: sqlite3.Connection, artist: str, limit: int) -> list[FoundTrack]:
    """Return at most ``limit`` tracks that name this artist among theirs, best known first."""
    words = words_of(artist)
    if not words:
        return []
    column = _PLAIN.format(column="artist")
    rows = connection.execute(
        "SELECT uri, title, artist, coalesce(album, '') FROM tracks"  # noqa: S608
        f" WHERE {' AND '.join([f'{column} LIKE ?'] * len(words))}"
        " ORDER BY (SELECT max(popularity) FROM features WHERE track = tracks.id) DESC, uri",
        [_pattern(word) for word in words],
    )
    found = (FoundTrack(*row) for row in rows)
    names = (track for track in found if _names(words, track.artist))
    return list(islice(names, limit))


def _names(words: list[str], artists: str) -> bool:
    return any(words_of(name) == words for name in (artists, *artists.split(", ")))


def _pattern(word: str) -> str:
    # SQLite folds the case of ASCII letters only: any character may stand for the others here
    return f"%{re.sub(r'[^ -~]', '_', word)}%"
