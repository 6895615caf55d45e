"""From the fields of one record to one track, every value checked against Spotify's scales.

The scales: https://developer.spotify.com/documentation/web-api/reference/get-audio-features
"""

from collections.abc import Iterator
import math
import re
from typing import Final, NamedTuple
import unicodedata

from ..engine.features import FEATURES
from .errors import RowRefusedError
from .formats import AUDIO_FEATURES, Layout
from .identity import playable_uri, recording_key

MAX_TEXT_LENGTH: Final = 1000
MAX_GENRES: Final = 50
MAX_GENRE_LENGTH: Final = 100
_WHOLE: Final = frozenset({"key", "mode"})
# How the tables say that a value was not found.
_NOT_FOUND: Final = {"key": -1.0, "tempo": 0.0, "duration_ms": 0.0, "release_year": 0.0}

_MISSING: Final = frozenset({"", "nan", "none", "null", "na", "n/a"})
_TRUTH: Final = {"true": 1, "1": 1, "1.0": 1, "yes": 1, "false": 0, "0": 0, "0.0": 0, "no": 0}
_PITCHES: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_WORDS: Final = {
    "key": {pitch: float(number) for number, pitch in enumerate(_PITCHES)},
    "mode": {"Minor": 0.0, "Major": 1.0},
}

_LIST_ITEM: Final = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_LIST: Final = re.compile(rf"\[\s*(?:(?:{_LIST_ITEM.pattern})\s*(?:,\s*|(?=\])))*\]")
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))")
_GENRE_SEPARATOR: Final = re.compile(r"[;,|]")
_GENRE_HYPHEN: Final = re.compile(r"(?<=\w\w)[-_]")  # hip-hop is hip hop, k-pop stays


class TrackRow(NamedTuple):
    """One checked row in the order of the staging table; None is missing."""

    uri: str
    title: str
    artist: str | None  # display form: "A, B"
    album: str | None
    explicit: int | None  # 0 or 1
    duration_ms: int | None
    release_year: int | None
    recording: str | None
    popularity: float | None
    danceability: float | None
    energy: float | None
    key: float | None
    loudness: float | None
    mode: float | None
    speechiness: float | None
    acousticness: float | None
    instrumentalness: float | None
    liveness: float | None
    valence: float | None
    tempo: float | None


class RowParser:
    """Reads the records of one file."""

    def __init__(self, layout: Layout) -> None:
        self._width = layout.width
        # A field the file does not have is read from an empty column behind the last one.
        self._column = {
            field: layout.columns.get(field, layout.width) for field in TrackRow._fields
        }
        self._numbers = [(name, self._column[name]) for name in ("popularity", *AUDIO_FEATURES)]
        self._genres = layout.genres

    def parse(self, fields: list[str]) -> tuple[TrackRow, set[str]]:
        """Return the track and its genres, or raise `RowRefusedError` with the reason."""
        if len(fields) != self._width:
            raise RowRefusedError(f"the row has {len(fields)} columns, the header {self._width}")
        values = [*fields, ""]
        column = self._column
        uri = playable_uri(values[column["uri"]].strip())
        title = _text("title", values[column["title"]])
        if not title:
            raise RowRefusedError("the track has no title")
        artist = _artists(values[column["artist"]])
        track = TrackRow(
            uri,
            title,
            artist or None,
            _text("album", values[column["album"]]) or None,
            _explicit(values[column["explicit"]]),
            _count("duration_ms", values[column["duration_ms"]]),
            _count("release_year", _year(values[column["release_year"]])),
            recording_key(title, artist),
            *[_feature(name, values[index]) for name, index in self._numbers],
        )
        genres = {genre for index in self._genres for genre in _genre_names(values[index])}
        if len(genres) > MAX_GENRES:
            raise RowRefusedError(f"the track has more than {MAX_GENRES} genres")
        return track, genres


def _text(field: str, text: str) -> str:
    """Return the text on one line, without control characters."""
    clean = " ".join(text.split())
    if not clean.isprintable():
        clean = "".join(char for char in clean if unicodedata.category(char) != "Cc")
    if len(clean) > MAX_TEXT_LENGTH:
        raise RowRefusedError(f"the {field} is longer than {MAX_TEXT_LENGTH} characters")
    return clean


def _number(field: str, text: str) -> float | None:
    """Return a finite decimal number or None; "1_000" is Python's number, not a table's."""
    text = text.strip()
    if text.lower() in _MISSING:
        return None
    try:
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise RowRefusedError(f"{field} is not a number: {text[:40]}")
    return number


def _feature(name: str, text: str) -> float | None:
    """Return a feature on Spotify's scale, or None; the range is the engine's."""
    if (number := _WORDS.get(name, {}).get(text)) is None:
        number = _number(name, text)
    if number is None or number == _NOT_FOUND.get(name):
        return None
    scale = FEATURES[name]
    if not scale.minimum <= number <= scale.maximum:
        raise RowRefusedError(
            f"{name} {number:.10g} is outside {scale.minimum:g} to {scale.maximum:.10g}"
        )
    if name in _WHOLE and number != int(number):
        raise RowRefusedError(f"{name} {number:g} is not a whole number")
    return number


def _count(name: str, text: str) -> int | None:
    number = _feature(name, text)
    return None if number is None else round(number)


def _year(text: str) -> str:
    """Return the year of a date such as 2019-03-22."""
    return text.strip().split("-", 1)[0]


def _explicit(text: str) -> int | None:
    word = text.strip().lower()
    if word in _MISSING:
        return None
    if (flag := _TRUTH.get(word)) is None:
        raise RowRefusedError(f"explicit is neither true nor false: {word[:40]}")
    return flag


def _list_items(text: str) -> Iterator[str] | None:
    """Return the strings of a Python list as data frames write it, or None for other text."""
    if not _LIST.fullmatch(text):
        return None
    return (_ESCAPE.sub(_unescape, single or double) for single, double in _LIST_ITEM.findall(text))


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16)) if match[1] or match[2] else match[3]


def _artists(text: str) -> str:
    """Return the artists in their display form, "A, B", from any of the ways to list them."""
    text = text.strip()
    if text.lower() in _MISSING:
        return ""
    if (items := _list_items(text)) is None:
        items = iter(text.replace("\\,", ",").split(";"))  # Exportify escapes a name's comma
    names = (_text("artist", name) for name in items)
    return _text("artist", ", ".join(name for name in names if name))


def _genre_names(text: str) -> Iterator[str]:
    """Yield genres in one spelling: lower case, spaces for hyphens ("hip hop", "k-pop")."""
    text = text.strip()
    if text.lower() in _MISSING:
        return
    items = _list_items(text)
    for item in _GENRE_SEPARATOR.split(text) if items is None else items:
        folded = unicodedata.normalize("NFKC", item).casefold()
        if name := _text("genre", _GENRE_HYPHEN.sub(" ", folded)):
            if len(name) > MAX_GENRE_LENGTH:
                raise RowRefusedError(f"a genre is longer than {MAX_GENRE_LENGTH} characters")
            yield name
