import pytest

from custom_components.rhythmiq.engine.recordings import recording


@pytest.mark.parametrize(
    ("title", "artist"),
    [
        ("Hey Jude", "The Beatles"),
        ("HEY JUDE", "the beatles, Someone Else"),
        ("Hey Jude - Remastered 2015", "The Beatles"),
        ("Hey Jude - 2015 Remaster", "The Beatles"),
        ("Hey Jude (Remastered)", "The Beatles"),
        ("Hey Jude (feat. A Friend)", "The Beatles"),
        ("Hey Jude [with A Friend]", "The Beatles"),
        ("Hey Jude feat. A Friend", "The Beatles"),
        ("Hey Jude - Radio Edit", "The Beatles"),
        ("Hey Jude - Mono Version", "The Beatles"),
        ('Hey Jude - From "A Film"', "The Beatles"),
        ("Héy, Jude!", "The Beatles"),
    ],
)
def test_editions_and_guests_make_no_other_recording(title: str, artist: str) -> None:
    assert recording(title, artist) == recording("Hey Jude", "The Beatles")


@pytest.mark.parametrize(
    ("title", "artist"),
    [
        ("Hey Jude", "Wilson Pickett"),
        ("Hey Jude - Live", "The Beatles"),
        ("Hey Jude - Someone Remix", "The Beatles"),
        ("Hey Judy", "The Beatles"),
        ("Without Hey Jude", "The Beatles"),
    ],
)
def test_other_songs_artists_and_versions_do(title: str, artist: str) -> None:
    assert recording(title, artist) != recording("Hey Jude", "The Beatles")


@pytest.mark.parametrize(
    ("one", "other"), [("?", "!"), ("晴天", "青花瓷"), ("Remastered", "Radio")]
)
def test_short_and_foreign_titles_stay_apart(one: str, other: str) -> None:
    assert recording(one, "A") != recording(other, "A")
