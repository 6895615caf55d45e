"""Every known export is recognised by its header and read field by field."""

from collections.abc import Mapping
import csv
import io

import numpy as np
import pytest

from custom_components.rhythmiq.catalog import ImportRefusedError, TrackLibrary
from custom_components.rhythmiq.catalog.formats import FORMATS, normalize_header

from .conftest import Import
from .tables import AUDIO, spotify_id, table, uri

CAPITAL_AUDIO = {name.capitalize(): value for name, value in AUDIO.items()}

EXPORTS: Mapping[str, Mapping[str, str]] = {
    "exportify": {
        "Track URI": uri(1),
        "Track Name": "Copper Moon",
        "Album Name": "Night Ferry",
        "Artist Name(s)": "Ada Vale;Tin Orchard",
        "Release Date": "2011-03-04",
        "Duration (ms)": "201000",
        "Popularity": "61",
        "Explicit": "TRUE",
        "Added By": "someone",
        "Added At": "2024-01-01T00:00:00Z",
        "Genres": "Indie Folk,trip-hop",
        "Record Label": "None at All",
        **CAPITAL_AUDIO,
        "Time Signature": "4",
    },
    "exportify, old": {
        "Spotify ID": spotify_id(1),
        "Artist IDs": "a,b",
        "Track Name": "Copper Moon",
        "Album Name": "Night Ferry",
        "Artist Name(s)": "Ada Vale, Tin Orchard",
        "Release Date": "2011",
        "Duration (ms)": "201000",
        "Popularity": "61",
        "Explicit?": "true",
        "Genres": "indie folk, trip hop",
        **CAPITAL_AUDIO,
    },
    "exportify, second site": {
        "Track URI": uri(1),
        "Track Name": "Copper Moon",
        "Artist URI(s)": "spotify:artist:1",
        "Artist Name(s)": "Ada Vale, Tin Orchard",
        "Album URI": "spotify:album:1",
        "Album Name": "Night Ferry",
        "Album Artist Name(s)": "Ada Vale",
        "Album Release Date": "2011-03-04",
        "Track Duration (ms)": "201000",
        "Explicit": "true",
        "Popularity": "61",
        "Artist Genres": "indie folk,trip hop",
        **CAPITAL_AUDIO,
    },
    "spotify_tracks": {
        "": "0",
        "track_id": spotify_id(1),
        "artists": "Ada Vale;Tin Orchard",
        "album_name": "Night Ferry",
        "track_name": "Copper Moon",
        "popularity": "61",
        "duration_ms": "201000",
        "explicit": "True",
        **AUDIO,
        "time_signature": "4",
        "track_genre": "indie-folk;trip-hop",
        "release_date": "2011",
    },
    "spotify_songs": {
        "track_id": spotify_id(1),
        "track_name": "Copper Moon",
        "track_artist": "Ada Vale, Tin Orchard",
        "track_popularity": "61",
        "track_album_id": "x",
        "track_album_name": "Night Ferry",
        "track_album_release_date": "2011-03-04",
        "playlist_name": "Anything",
        "playlist_id": "y",
        "playlist_genre": "indie folk",
        "playlist_subgenre": "trip hop",
        **AUDIO,
        "duration_ms": "201000",
        "explicit": "1",
    },
    "spotify_features": {
        "genre": "indie folk;trip hop",
        "artist_name": "Ada Vale, Tin Orchard",
        "track_name": "Copper Moon",
        "track_id": spotify_id(1),
        "popularity": "61",
        **AUDIO,
        "key": "G",
        "mode": "Major",
        "duration_ms": "201000",
        "album": "Night Ferry",
        "year": "2011",
        "explicit": "yes",
    },
    "spotify_data": {
        **AUDIO,
        "year": "2011",
        "artists": "['Ada Vale', 'Tin Orchard']",
        "duration_ms": "201000",
        "explicit": "1",
        "id": spotify_id(1),
        "name": "Copper Moon",
        "popularity": "61",
        "release_date": "2011-03-04",
        "album": "Night Ferry",
        "genres": "['trip hop', 'indie folk']",
    },
    "joined_tables": {
        "track_id": spotify_id(1),
        "title": "Copper Moon",
        "artists": "Ada Vale, Tin Orchard",
        "album": "Night Ferry",
        "release_date": "2011-03-04",
        "release_year": "2011",
        "genre": "['indie folk', 'trip hop', 'indie folk']",
        "popularity": "61",
        "duration_ms": "201000.0",
        "explicit": "1.0",
        **AUDIO,
        "source": "invented",
    },
    "rhythmiq": {
        "uri": f"https://open.spotify.com/intl-de/track/{spotify_id(1)}?si=1",
        "title": "Copper Moon",
        "artist": "Ada Vale, Tin Orchard",
        "album": "Night Ferry",
        "genre": "indie folk | trip hop",
        "popularity": "61",
        "duration_ms": "201000",
        "year": "2011",
        "explicit": "1",
        **AUDIO,
    },
}


def as_csv(fields: Mapping[str, str], delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(fields)
    writer.writerow(fields.values())
    return text.getvalue()


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_gives_the_same_track(
    name: str, import_text: Import, library: TrackLibrary
) -> None:
    report = import_text(as_csv(EXPORTS[name]))

    assert (report.format, report.new, report.rejected) == (name.partition(",")[0], 1, 0)
    catalog = library.load()
    assert catalog.uri == (uri(1),)
    assert catalog.title == ("Copper Moon",)
    assert catalog.artist == ("Ada Vale, Tin Orchard",)
    assert catalog.album == ("Night Ferry",)
    assert catalog.genres == (("indie folk", "trip hop"),)
    assert catalog.explicit.tolist() == [1]
    expected = {**AUDIO, "popularity": "61", "duration_ms": "201000", "release_year": "2011"}
    for feature, value in expected.items():
        assert catalog.column(feature)[0] == np.float32(value), feature


def test_every_format_is_tried() -> None:
    assert {known.name for known in FORMATS} == {name.partition(",")[0] for name in EXPORTS}


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(delimiter: str, import_text: Import) -> None:
    assert import_text(as_csv(EXPORTS["spotify_songs"], delimiter)).new == 1


def test_an_export_without_audio_features(import_text: Import, library: TrackLibrary) -> None:
    plain = {
        name: value for name, value in EXPORTS["exportify"].items() if name not in CAPITAL_AUDIO
    }
    assert import_text(as_csv(plain)).new == 1
    catalog = library.load()
    assert np.isnan(catalog.column("energy")).all()
    assert catalog.column("popularity").tolist() == [61]


def test_a_comma_in_a_name_that_exportify_escapes(
    import_text: Import, library: TrackLibrary
) -> None:
    import_text(as_csv({**EXPORTS["exportify, old"], "Artist Name(s)": "Vale\\, Ada, Tin Orchard"}))
    assert library.load().artist == ("Vale, Ada, Tin Orchard",)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("""['It\\'s Us', "Who's There", 'Caf\\xe9 \\u0394', 'a\\\\b']""",
         "It's Us, Who's There, Café Δ, a\\b"),
        ("[]", ""),
        ("[:BRACKETS:]", "[:BRACKETS:]"),
        ("[Tin Orchard", "[Tin Orchard"),
        ("[['nested']]", "[['nested']]"),
        ("nan", ""),
    ],
)  # fmt: skip
def test_lists_as_data_frames_write_them(
    written: str, read: str, import_text: Import, library: TrackLibrary
) -> None:
    import_text(as_csv({**EXPORTS["spotify_data"], "artists": written}))
    assert library.load().artist == (read,)


def test_genres_in_one_spelling(import_text: Import, library: TrackLibrary) -> None:
    import_text(as_csv({**EXPORTS["joined_tables"], "genre": "Hip-Hop; K-Pop ;hip hop,,R&B"}))
    assert library.load().genres == (("hip hop", "k-pop", "r&b"),)


def test_headers_are_compared_by_their_words() -> None:
    assert normalize_header(" Artist Name(s)") == "artist_name_s"
    assert normalize_header("Duration (ms)") == normalize_header("duration_ms")


def test_an_unknown_header_names_what_is_known(import_text: Import) -> None:
    with pytest.raises(ImportRefusedError) as refusal:
        import_text(table({"name": "x", "colour": "y"}, columns=("name", "colour")))
    assert refusal.value.key == "import_unknown_header"
    assert refusal.value.placeholders["columns"] == "name, colour"
    for known in FORMATS:
        assert known.name in refusal.value.placeholders["recognised"]
