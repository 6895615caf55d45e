"""One name for a track, whoever writes its uri."""

from importlib import metadata

import pytest

from custom_components.rhythmiq.sonos.identity import track_name

SPOTIFY = "spotify:track:4uLU6hMCjMI75M1A2tKUQC"


@pytest.fixture(autouse=True)
def custom_integrations() -> None:
    """Do without Home Assistant, which the fixture of this name would start."""


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (SPOTIFY, SPOTIFY),
        (f"x-sonos-spotify:{SPOTIFY.replace(':', '%3a')}?sid=9&flags=8224&sn=7", SPOTIFY),
        (f"x-sonos-spotify:{SPOTIFY.replace(':', '%3A')}?sid=12&flags=0&sn=1", SPOTIFY),
        ("https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC?si=1", SPOTIFY),
        ("https://open.spotify.com/intl-de/track/4uLU6hMCjMI75M1A2tKUQC", SPOTIFY),
        ("x-sonos-spotify:spotify%3aepisode%3a1a?sid=9", "spotify:episode:1a"),
        ("x-sonos-http:song%3a217503142.mp4?sid=204&flags=8224&sn=2", "apple:track:217503142"),
        ("https://music.apple.com/dk/album/velvet/2175?i=217503142", "apple:track:217503142"),
        pytest.param(
            "https://music.apple.com/us/song/velvet/217503142",
            "apple:track:217503142",
            marks=pytest.mark.skipif(
                metadata.version("soco") < "0.32", reason="SoCo 0.31 does not know such links"
            ),
        ),
        ("x-sonos-http:track%2f157273956.mp4?sid=174&sn=3", "tidal:track:157273956"),
        ("https://tidal.com/browse/track/157273956", "tidal:track:157273956"),
        ("x-sonos-http:tr%3a3135556.mp3?sid=2&flags=8224", "deezer:track:3135556"),
        ("x-sonos-http:track-3135556.mp4?sid=2", "deezer:track:3135556"),
        ("https://www.deezer.com/track/3135556", "deezer:track:3135556"),
        ("x-file-cifs://nas/Music/a b.mp3", "x-file-cifs://nas/Music/a%20b.mp3"),
        ("x-file-cifs://nas/Music/a%20b.mp3", "x-file-cifs://nas/Music/a%20b.mp3"),
        ("http://nas/a.mp3", "http://nas/a.mp3"),
        ("x-rincon-mp3radio://radio/live", "http://radio/live"),
        ("x-sonos-http:other.mp3?sid=160", "x-sonos-http:other.mp3?sid=160"),
    ],
)
def test_a_track_has_one_name(written: str, name: str) -> None:
    assert track_name(written) == name


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "spotify:album:4uLU6hMCjMI75M1A2tKUQC",
        "https://open.spotify.com/playlist/4uLU6hMCjMI75M1A2tKUQC",
        "https://music.apple.com/us/album/velvet/2175",
        "x-sonos-vli:RINCON_1:1,airplay:0123",
        "x-rincon-stream:RINCON_1",
        "x-sonos-htastream:RINCON_1:spdif",
        "x-rincon:RINCON_1",
        "http://[nas/a.mp3",
    ],
)
def test_what_is_no_track_has_none(uri: str) -> None:
    assert track_name(uri) is None
