"""One recording under several ids is one track, and importing again changes nothing."""

import numpy as np
import pytest

from custom_components.rhythmiq.catalog import ImportReport, TrackLibrary
from custom_components.rhythmiq.store import Store

from .conftest import Import
from .tables import row, spotify_id, table, uri

SONG = {"title": "Amber Road", "artists": "Ada Vale, Tin Orchard"}


def outcome(report: ImportReport) -> dict[str, int]:
    counts = {
        "new": report.new,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
    }
    assert sum(counts.values()) == report.read
    return {name: count for name, count in counts.items() if count}


def aliases(store: Store) -> dict[str, str]:
    return store.read(
        lambda connection: dict(
            connection.execute(
                "SELECT aliases.uri, tracks.uri FROM aliases JOIN tracks ON tracks.id = track"
            )
        )
    )


def test_importing_again_changes_nothing(import_text: Import, library: TrackLibrary) -> None:
    content = table(
        *[row(number) for number in range(50)],
        row(60, **SONG),
        row(61, **SONG, popularity="70", tempo="0", genre="folk"),
        row(62, title=""),
        row(60, **SONG),
        row(63, artists=""),
        row(64, genre=""),
        row(65, tempo="", energy=""),
    )
    assert outcome(import_text(content)) == {"new": 54, "duplicates": 2, "rejected": 1}
    before = library.load()
    assert outcome(import_text(content)) == {"unchanged": 54, "duplicates": 2, "rejected": 1}
    assert library.load() is before


def test_the_most_popular_id_speaks_for_the_recording(
    import_text: Import, library: TrackLibrary, store: Store
) -> None:
    import_text(
        table(
            row(1, **SONG, popularity="10", genre="folk", album="A", tempo="90"),
            row(2, **SONG, popularity="80", genre="pop", album="", tempo="0"),
            row(3, **SONG, popularity="10", genre="pop;rock", album="C", tempo="91"),
        )
    )
    catalog = library.load()
    assert catalog.uri == (uri(2),)
    assert catalog.genres == (("folk", "pop", "rock"),)
    assert catalog.album == ("A",)  # its own is missing: filled by the next popular, then by id
    assert catalog.column("tempo").tolist() == [90]
    assert catalog.column("popularity").tolist() == [80]
    assert aliases(store) == {uri(1): uri(2), uri(3): uri(2)}


@pytest.mark.parametrize(
    ("title", "artists"),
    [
        ("amber road", "ADA VALE"),
        ("Amber Road - Remastered 2011", "Ada Vale"),
        ("Amber Road - 2011 Remaster", "Ada Vale;Somebody Else"),
        ("Amber Road (Remastered)", "Ada Vale"),
        ("Amber Road (feat. Tin Orchard)", "Ada Vale"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}mber Road", "Ada Vale"),
    ],
)
def test_spellings_of_one_recording(
    title: str, artists: str, import_text: Import, library: TrackLibrary
) -> None:
    report = import_text(table(row(1, **SONG), row(2, title=title, artists=artists)))
    assert (report.new, report.duplicates) == (1, 1)
    assert library.count() == 1


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "other",
    [
        {"title": "Amber Road - Live"},
        {"title": "Amber Road (Night Ferry Remix)"},
        {"title": "Amber Road 2"},
        {"artists": "Tin Orchard, Ada Vale"},
        {"duration_ms": "210001"},
        {"duration_ms": "189999"},
        {"duration_ms": ""},
        {"explicit": "1"},
        {"artists": ""},
    ],
)
def test_other_recordings_stay_apart(
    other: dict[str, str], together: bool, import_text: Import
) -> None:
    first, second = row(1, **SONG), row(2, **{**SONG, **other})
    if not together:
        assert outcome(import_text(table(first))) == {"new": 1}
        assert outcome(import_text(table(second))) == {"new": 1}
    else:
        assert outcome(import_text(table(first, second))) == {"new": 2}
    assert outcome(import_text(table(first, second))) == {"unchanged": 2}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("other", [{"duration_ms": "210000"}, {"explicit": ""}])
def test_the_same_within_tolerance(
    other: dict[str, str], together: bool, import_text: Import, library: TrackLibrary
) -> None:
    first, second = row(1, **SONG), row(2, **SONG, **other)
    if together:
        import_text(table(first, second))
    else:
        import_text(table(first))
        import_text(table(second))
    assert library.count() == 1


def test_versions_of_many_lengths_group_around_the_popular_ones(
    import_text: Import, library: TrackLibrary
) -> None:
    lengths = [200_000, 209_000, 218_000, 227_000]
    rows = [
        row(number, **SONG, duration_ms=str(length), popularity=str(90 - number))
        for number, length in enumerate(lengths)
    ]
    import_text(table(*rows))
    assert library.load().uri == (uri(0), uri(2))


def test_a_later_file_adds_an_alias_to_the_nearest_recording(
    import_text: Import, library: TrackLibrary, store: Store
) -> None:
    import_text(table(row(1, **SONG), row(2, **SONG, duration_ms="212000")))
    report = import_text(table(row(3, **SONG, duration_ms="207000", popularity="99")))
    assert outcome(report) == {"updated": 1}
    assert library.load().uri == (uri(1), uri(2))
    assert aliases(store) == {uri(3): uri(2)}
    assert library.load().column("popularity").tolist() == [40, 40]


def test_its_own_row_replaces_values_and_an_alias_only_fills_gaps(
    import_text: Import, library: TrackLibrary
) -> None:
    import_text(table(row(1, **SONG, tempo="", album=""), row(2, **SONG, popularity="5")))
    catalog = library.load()
    assert (catalog.album, catalog.column("tempo").tolist()) == (("Low Tide",), [120.5])

    report = import_text(table(row(2, **SONG, energy="0.9", album="Other", popularity="5")))
    assert outcome(report) == {"unchanged": 1}

    report = import_text(table(row(1, **SONG, energy="0.9", album="", release_year="2001")))
    assert outcome(report) == {"updated": 1}
    catalog = library.load()
    assert catalog.column("energy").tolist() == [np.float32(0.9)]
    assert catalog.column("release_year").tolist() == [2001]
    assert catalog.album == ("Low Tide",)  # a missing value replaces nothing


def test_a_new_genre_alone_is_an_update(import_text: Import, library: TrackLibrary) -> None:
    import_text(table(row(1), row(2)))
    report = import_text(table(row(1, genre="noir jazz"), row(2)))
    assert outcome(report) == {"updated": 1, "unchanged": 1}
    assert library.load().genres == (("dream pop", "noir jazz"), ("dream pop",))


def test_rows_that_repeat_an_id_add_up(import_text: Import, library: TrackLibrary) -> None:
    report = import_text(
        table(row(1, genre="folk", album=""), row(1, genre="pop", album="B", energy="0.1"))
    )
    assert outcome(report) == {"new": 1, "duplicates": 1}
    catalog = library.load()
    assert (catalog.genres, catalog.album) == ((("folk", "pop"),), ("B",))
    assert catalog.column("energy").tolist() == [np.float32(0.6)]  # the first row's


def test_a_corrected_title_moves_the_recording(import_text: Import, library: TrackLibrary) -> None:
    import_text(table(row(1, title="Amber Raod", artists="Ada Vale")))
    import_text(table(row(1, title="Amber Road", artists="Ada Vale")))
    import_text(table(row(2, **SONG)))
    assert library.load().title == ("Amber Road",)


def sources_in(store: Store, table_name: str) -> set[str]:
    rows = store.read(
        lambda connection: connection.execute(f"SELECT source FROM {table_name}").fetchall()
    )
    return {source for (source,) in rows}


def test_facts_carry_their_provenance(import_text: Import, store: Store) -> None:
    import_text(table(row(1), row(2, **SONG), row(3, **SONG)))
    exportify = table(
        {
            "Track URI": uri(1),
            "Track Name": "Glass Harbour 1",
            "Artist Name(s)": "A",
            "Energy": "1",
        },
        columns=("Track URI", "Track Name", "Artist Name(s)", "Energy"),
    )
    import_text(exportify)
    for table_name, sources in {
        "tracks": {"open_data", "user"},
        "features": {"open_data", "user"},
        "aliases": {"open_data"},
        "track_genres": {"open_data"},
    }.items():
        assert sources_in(store, table_name) == sources, table_name


def test_the_more_trusted_source_wins_feature_by_feature(
    import_text: Import, library: TrackLibrary
) -> None:
    import_text(table(row(1)))
    columns = ("Track URI", "Track Name", "Artist Name(s)", "Energy", "Valence")
    import_text(
        table(
            {
                "Track URI": uri(1),
                "Track Name": "Glass Harbour 1",
                "Artist Name(s)": "The Paper Lanterns 1",
                "Energy": "0.25",
            },
            columns=columns,
        )
    )
    catalog = library.load()
    assert catalog.column("energy").tolist() == [0.25]
    assert catalog.column("valence").tolist() == [np.float32(0.7)]
    assert spotify_id(1) in catalog.uri[0]


def test_any_id_of_a_recording_finds_it(import_text: Import, library: TrackLibrary) -> None:
    import_text(table(row(1, **SONG), row(2, **SONG, popularity="5"), row(3)))
    assert library.resolve(
        [
            uri(2),
            spotify_id(2),
            f"https://open.spotify.com/track/{spotify_id(2)}?si=abc",
            spotify_id(3),
            uri(9),
            "my favourite song",
        ]
    ) == (uri(1), uri(1), uri(1), uri(3), uri(9), "my favourite song")
