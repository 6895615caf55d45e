"""Tracks found by what people say of them."""

import pytest

from custom_components.rhythmiq.catalog import TrackLibrary
from custom_components.rhythmiq.catalog.search import match, words_of

from .conftest import Import
from .tables import row, table


@pytest.fixture
def songs(import_text: Import, library: TrackLibrary) -> TrackLibrary:
    import_text(
        table(
            row(1, title="Salt", artists="The Low Tides"),
            row(2, title="Salt and Honey", artists="Mara Oak"),
            row(3, title="Sea", artists="Salt"),
            row(4, title="Études für Nacht", artists="Ivo Brandt"),
            row(5, title="What's Left", artists="Selma & Finn"),
            row(6, title="Basalt", artists="N. Okafor"),
        )
    )
    return library


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("salt", ["Salt", "Sea", "Salt and Honey"]),
        ("SALT low tides", ["Salt"]),
        ("mara oak", ["Salt and Honey"]),
        ("études", ["Études für Nacht"]),
        ("ÉTUDES FÜR nacht", ["Études für Nacht"]),
        ("whats left", ["What's Left"]),
        ("finn", ["What's Left"]),
        ("100% nothing", []),
        ("%", []),
        ("", []),
    ],
)
def test_the_best_comes_first(songs: TrackLibrary, query: str, titles: list[str]) -> None:
    assert [track.title for track in songs.search(query, 10)] == titles


def test_no_more_than_asked_for(songs: TrackLibrary) -> None:
    assert [track.title for track in songs.search("salt", 1)] == ["Salt"]


def test_an_artist_by_name(import_text: Import, library: TrackLibrary) -> None:
    import_text(
        table(
            row(1, title="Little", artists="Mara Oak", popularity="10"),
            row(2, title="Known", artists="Ivo Brandt, Mara Oak", popularity="90"),
            row(3, title="Other", artists="Mara Oak Trio", popularity="99"),
        )
    )
    assert [track.title for track in library.by_artist("MARA OAK", 9)] == ["Known", "Little"]
    assert [track.title for track in library.by_artist("mara oak", 1)] == ["Known"]
    assert library.by_artist("&", 9) == []


def test_every_word_counts() -> None:
    assert match(words_of("salt sugar"), "Salt", "The Low Tides") == 0
    assert match([], "Salt") == 0
    assert (
        match(words_of("salt"), "Salt")
        > match(words_of("salt the low tides"), "Salt", "The Low Tides")
        > match(words_of("low tides"), "Salt", "Low Tides")
        > match(words_of("salt"), "Salt and Honey")
        > match(words_of("honey"), "Salt and Honey")
        > 0
    )
