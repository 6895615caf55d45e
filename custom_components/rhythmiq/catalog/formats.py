"""Which exports are recognised, and under which headers they keep what we need."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
import re
from typing import Final

from ..store import Provenance
from .errors import ImportRefusedError
from .records import MAX_COLUMNS

AUDIO_FEATURES: Final = (
    "danceability",
    "energy",
    "key",
    "loudness",
    "mode",
    "speechiness",
    "acousticness",
    "instrumentalness",
    "liveness",
    "valence",
    "tempo",
)

# Spelled alike in all formats, after `normalize_header`; the first one that is there counts.
_OPTIONAL: Final = {
    "album": ("album", "album_name", "track_album_name"),
    "duration_ms": ("duration_ms", "track_duration_ms"),
    "release_year": (
        "release_year",
        "year",
        "release_date",
        "album_release_date",
        "track_album_release_date",
    ),
    "popularity": ("popularity", "track_popularity"),
    "explicit": ("explicit",),
} | {feature: (feature,) for feature in AUDIO_FEATURES}
# Of these, all that are there.
_GENRES: Final = (
    "genre",
    "genres",
    "artist_genres",
    "track_genre",
    "playlist_genre",
    "playlist_subgenre",
)


@dataclass(frozen=True, slots=True)
class Format:
    """A known kind of table: its name in reports, and its own words for id, title and artist."""

    name: str
    provenance: Provenance
    uri: tuple[str, ...]
    title: str
    artist: str


FORMATS: Final = (
    Format(
        "exportify",
        Provenance.USER,
        ("track_uri", "spotify_uri", "spotify_id", "track_id"),
        "track_name",
        "artist_name_s",
    ),
    Format("spotify_tracks", Provenance.OPEN_DATA, ("track_id",), "track_name", "artists"),
    Format("spotify_songs", Provenance.OPEN_DATA, ("track_id",), "track_name", "track_artist"),
    Format("spotify_features", Provenance.OPEN_DATA, ("track_id",), "track_name", "artist_name"),
    Format("spotify_data", Provenance.OPEN_DATA, ("id",), "name", "artists"),
    Format("joined_tables", Provenance.OPEN_DATA, ("track_id",), "title", "artists"),
    Format("rhythmiq", Provenance.USER, ("uri",), "title", "artist"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file keeps each field: column numbers from 0."""

    format: Format
    width: int
    columns: dict[str, int]  # uri, title and artist always; the optional ones if they are there
    genres: tuple[int, ...]


def normalize_header(name: str) -> str:
    """Reduce a header to its words: "Artist Name(s)" becomes artist_name_s."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def recognize(header: Sequence[str]) -> Layout:
    """Return the layout of a file with this header, or raise `ImportRefusedError`."""
    if len(header) > MAX_COLUMNS:
        raise ImportRefusedError("import_too_many_columns", count=len(header), limit=MAX_COLUMNS)
    names = [normalize_header(name) for name in header]
    for name, count in Counter(names).items():
        if name and count > 1:  # nameless columns are row numbers of data frames
            raise ImportRefusedError("import_duplicate_column", column=name)
    for candidate in FORMATS:
        uri = next((name for name in candidate.uri if name in names), None)
        if uri is None or candidate.title not in names or candidate.artist not in names:
            continue
        columns = {
            "uri": names.index(uri),
            "title": names.index(candidate.title),
            "artist": names.index(candidate.artist),
        }
        for field, spellings in _OPTIONAL.items():
            if found := next((name for name in spellings if name in names), None):
                columns[field] = names.index(found)
        genres = tuple(names.index(name) for name in _GENRES if name in names)
        return Layout(candidate, len(header), columns, genres)
    raise ImportRefusedError(
        "import_unknown_header",
        columns=", ".join(name[:40] for name in names[:12] if name) or "-",
        recognised="; ".join(
            f"{known.name} ({known.uri[0]}, {known.title}, {known.artist})" for known in FORMATS
        ),
    )
