"""Invented tables of tracks in the layouts of the known exports."""

import csv
import io
from typing import Final

COLUMNS: Final = (
    "track_id", "title", "artists", "album", "release_year", "genre", "popularity", "duration_ms",
    "explicit", "danceability", "energy", "key", "loudness", "mode", "speechiness",
    "acousticness", "instrumentalness", "liveness", "valence", "tempo",
)  # fmt: skip
AUDIO: Final = {
    "danceability": "0.5",
    "energy": "0.6",
    "key": "7",
    "loudness": "-8.5",
    "mode": "1",
    "speechiness": "0.04",
    "acousticness": "0.2",
    "instrumentalness": "0.01",
    "liveness": "0.1",
    "valence": "0.7",
    "tempo": "120.5",
}


def spotify_id(number: int) -> str:
    """Return an invented track id."""
    return f"{number:022d}"


def uri(number: int) -> str:
    """Return the uri of `spotify_id`."""
    return f"spotify:track:{spotify_id(number)}"


def row(number: int, **values: str) -> dict[str, str]:
    """Return an invented track; tracks of different numbers are different recordings."""
    return {
        "track_id": spotify_id(number),
        "title": f"Glass Harbour {number}",
        "artists": f"The Paper Lanterns {number}",
        "album": "Low Tide",
        "release_year": "1999",
        "genre": "dream pop",
        "popularity": "40",
        "duration_ms": "200000",
        "explicit": "0",
        **AUDIO,
        **values,
    }


def table(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    """Write rows as CSV; a column that a row lacks is empty."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
