"""Values are checked against their scales; a bad row is left out and says why."""

from pathlib import Path

import numpy as np
import pytest

from custom_components.rhythmiq.catalog import Rejection, TrackLibrary

from .conftest import Import
from .tables import COLUMNS, row, spotify_id, table, uri


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("danceability", "1.01", "danceability 1.01 is outside 0 to 1"),
        ("energy", "-0.1", "energy -0.1 is outside 0 to 1"),
        ("valence", "much", "valence is not a number: much"),
        ("valence", "1_0", "valence is not a number: 1_0"),
        ("valence", "inf", "valence is not a number: inf"),
        ("loudness", "-60.5", "loudness -60.5 is outside -60 to 5"),
        ("loudness", "5.1", "loudness 5.1 is outside -60 to 5"),
        ("tempo", "301", "tempo 301 is outside 20 to 300"),
        ("key", "12", "key 12 is outside 0 to 11"),
        ("key", "1.5", "key 1.5 is not a whole number"),
        ("mode", "0.5", "mode 0.5 is not a whole number"),
        ("popularity", "101", "popularity 101 is outside 0 to 100"),
        ("duration_ms", "-1", "duration_ms -1 is outside 1 to 86400000"),
        ("duration_ms", "86400001", "duration_ms 86400001 is outside 1 to 86400000"),
        ("release_year", "3017", "release_year 3017 is outside 1000 to 2100"),
        ("explicit", "maybe", "explicit is neither true nor false: maybe"),
        ("title", " ", "the track has no title"),
        ("title", "x" * 1001, "the title is longer than 1000 characters"),
        ("artists", "x" * 1001, "the artist is longer than 1000 characters"),
        ("genre", ";".join(f"genre {n}" for n in range(51)), "the track has more than 50 genres"),
        ("genre", "x" * 101, "a genre is longer than 100 characters"),
        ("track_id", "", "the track has no id"),
        ("track_id", "short", "neither a Spotify track id nor an address that a speaker can play"),
        ("track_id", "file:///etc/passwd",
         "neither a Spotify track id nor an address that a speaker can play"),
        ("track_id", "http:///nowhere.mp3",
         "neither a Spotify track id nor an address that a speaker can play"),
        ("track_id", "http://[bad/x.mp3",
         "neither a Spotify track id nor an address that a speaker can play"),
        ("track_id", "spotify:local:A:B:C:200",
         "a local file of the Spotify app cannot be played by a speaker"),
        ("track_id", "http://nas.example/a b.mp3",
         "the address contains spaces or control characters"),
        ("track_id", "http://me:secret@nas.example/a.mp3",
         "the address carries a user name or password"),
        ("track_id", "http://nas.example/" + "a" * 2048,
         "the address is longer than 2048 characters"),
    ],
)  # fmt: skip
def test_a_bad_value_leaves_the_row_out(
    field: str, value: str, reason: str, import_text: Import, library: TrackLibrary
) -> None:
    report = import_text(table(row(1), row(2, **{field: value}), row(3)))

    assert report.reasons == (Rejection(3, reason),)
    assert (report.read, report.new, report.rejected) == (3, 2, 1)
    assert library.load().uri == (uri(1), uri(3))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tempo", "0"),
        ("tempo", "0.000"),
        ("key", "-1"),
        ("duration_ms", "0"),
        ("release_year", "0"),
        ("release_year", "0000-00-00"),
        ("energy", ""),
        ("energy", "NaN"),
        ("energy", "None"),
    ],
)
def test_words_for_not_known_are_missing_values(
    field: str, value: str, import_text: Import, library: TrackLibrary
) -> None:
    assert import_text(table(row(1, **{field: value}))).rejected == 0
    assert np.isnan(library.load().column(field)).all()


def test_the_ends_of_the_scales_belong_to_them(import_text: Import, library: TrackLibrary) -> None:
    low = row(1, energy="0", loudness="-60", key="0", mode="0", popularity="0", tempo="20")
    high = row(2, energy="1", loudness="5", key="11", mode="1", popularity="100", tempo="300")
    assert import_text(table(low, high)).rejected == 0
    assert library.load().column("loudness").tolist() == [-60, 5]


def test_unknown_explicit_and_artist(import_text: Import, library: TrackLibrary) -> None:
    import_text(table(row(1, explicit="", artists="", album="")))
    catalog = library.load()
    assert catalog.explicit.tolist() == [-1]
    assert (catalog.artist, catalog.album) == (("",), ("",))


@pytest.mark.parametrize(
    "address",
    [
        "http://nas.example:8080/music/a.mp3",
        "https://music.apple.com/de/album/x/1?i=2",
        "https://www.deezer.com/track/1",
        "https://tidal.com/browse/track/1",
        "x-file-cifs://nas.example/music/a.flac",
    ],
)
def test_other_playable_addresses(address: str, import_text: Import, library: TrackLibrary) -> None:
    assert import_text(table(row(1, track_id=address))).new == 1
    assert library.load().uri == (address,)


def test_formulas_stay_text(import_text: Import, library: TrackLibrary) -> None:
    formula = "=cmd|' /C calc'!A0"
    import_text(table(row(1, title=formula, artists="+1+1", album="@SUM(1)")))
    catalog = library.load()
    assert (catalog.title[0], catalog.artist[0], catalog.album[0]) == (formula, "+1+1", "@SUM(1)")


def test_text_is_one_line_without_control_characters(
    import_text: Import, library: TrackLibrary
) -> None:
    import_text(table(row(1, title=" Two\nlines\x1b[31m \t here ", artists="👩‍🚀 Žofie")))
    catalog = library.load()
    assert catalog.title == ("Two lines[31m here",)
    assert catalog.artist == ("👩‍🚀 Žofie",)


def test_rejections_are_counted_and_the_first_kept(import_text: Import) -> None:
    bad = [row(number, energy="2") for number in range(30)]
    report = import_text(table(row(99), *bad))
    assert report.rejected == 30
    assert [rejection.line for rejection in report.reasons] == list(range(3, 23))


def test_line_numbers_are_those_where_records_begin(import_text: Import) -> None:
    content = table(row(1, title="one\ntwo\nthree"), row(2, energy="9"))
    assert [rejection.line for rejection in import_text(content).reasons] == [5]


def test_rows_of_another_width_and_broken_quotes(import_text: Import) -> None:
    lines = table(row(1)).splitlines()
    short = f'{spotify_id(2)},"Tin"'
    broken = f'{spotify_id(3)},"Tin" Orchard,x'
    report = import_text("\r\n".join([*lines, short, "", broken, ",,,"]))
    assert report.new == 1
    width = len(COLUMNS)
    assert report.reasons == (
        Rejection(3, f"the row has 2 columns, the header {width}"),
        Rejection(5, "not valid CSV: ',' expected after '\"'"),
    )


def test_a_file_with_a_byte_order_mark(import_text: Import, tmp_path: Path) -> None:
    assert import_text(b"\xef\xbb\xbf" + table(row(1)).encode()).new == 1
