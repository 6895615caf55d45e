"""A music library of a hundred thousand tracks: browsed, searched and played at once."""

import asyncio
from collections.abc import Callable, Iterator
import time
from typing import Any

import aiohttp
import pytest
from soco import SoCo

from simulator.sonos_sim.collection import Collection
from simulator.sonos_sim.library import Library
from simulator.sonos_sim.rows import title_of
from tests.household import SimulatedHousehold

SIZE = 100_000


@pytest.fixture
def household(loopback_sockets: None, soco_clean: None) -> Iterator[SimulatedHousehold]:
    """One speaker and its large library."""
    with SimulatedHousehold(speakers=1, library_tracks=SIZE) as running:
        yield running


@pytest.fixture
def browse(speaker: SoCo) -> Callable[..., Any]:
    """Return how to ask for a part of a list."""

    async def get(kind: str, *, start: int = 0, count: int = 20, **more: Any) -> Any:
        return await asyncio.to_thread(
            lambda: speaker.music_library.get_music_library_information(
                kind, start=start, max_items=count, **more
            )
        )

    return get


async def test_pages_anywhere_are_fast_and_sorted(browse: Callable[..., Any]) -> None:
    first = await browse("tracks")
    assert first.total_matches == SIZE + 27
    began = time.monotonic()
    middle = await browse("tracks", start=60_000, count=400)
    last = await browse("tracks", start=SIZE + 17, count=100)
    assert time.monotonic() - began < 0.5
    assert (middle.number_returned, last.number_returned) == (400, 10)
    titles = [item.title.casefold() for item in (*first, *middle, *last)]
    assert titles == sorted(titles)
    assert len({item.resources[0].uri for item in middle}) == 400


async def test_from_an_artist_to_a_track(
    household: SimulatedHousehold, speaker: SoCo, browse: Callable[..., Any]
) -> None:
    artists = await browse("artists", start=1000, count=1)
    artist = artists[0].title
    albums = await asyncio.to_thread(lambda: speaker.music_library.get_albums_for_artist(artist))
    assert len(albums) == 4
    album = albums[0]
    tracks = await asyncio.to_thread(
        lambda: speaker.music_library.get_tracks_for_album(artist, album.title)
    )
    assert len(tracks) == 12
    assert {track.creator for track in tracks} == {artist}
    await asyncio.to_thread(lambda: speaker.add_to_queue(album))
    assert await household.queue_uris() == [track.resources[0].uri for track in tracks]
    await asyncio.to_thread(lambda: speaker.play_uri(tracks[3].resources[0].uri))
    state = await household.wait_playing()
    assert state["transport"]["track"]["title"] == tracks[3].title


async def test_searching(browse: Callable[..., Any]) -> None:
    exact = Collection(SIZE).titles.of(4711)
    found = await browse("tracks", search_term=exact.lower())
    assert [item.title for item in found] == [exact]
    assert (await browse("albums", search_term="velvet")).total_matches > 100
    [old] = await browse("tracks", search_term="barometer")
    assert old.creator == "Kite Theory"
    assert (await browse("artists", search_term="no such")).total_matches == 0


async def test_genres_lead_to_artists(browse: Callable[..., Any]) -> None:
    genres = await browse("genres", count=100)
    assert genres.total_matches == 24 + 5
    jazz = next(genre for genre in genres if genre.title == "Klezmer")
    assert jazz.item_id == "A:GENRE/Klezmer"
    artists = await browse("genres", subcategories=["Klezmer"])
    assert artists.total_matches > 50


async def test_covers(household: SimulatedHousehold, browse: Callable[..., Any]) -> None:
    tracks = await browse("tracks", start=50_000, count=2)
    async with aiohttp.ClientSession(f"http://{household.hosts[0]}:1400") as session:
        pictures = set()
        for track in tracks:
            async with session.get(track.album_art_uri) as response:
                assert response.content_type == "image/png"
                pictures.add(await response.read())
        assert len(pictures) == 2
        for nothing in ("/getaa", "/getaa?u=x-file-cifs%3A//nas/archive/A/B/01%20C.mp3", "/x"):
            async with session.get(nothing) as response:
                assert response.status == 404


@pytest.mark.parametrize("size", [1, 12, 13, 4999])
def test_every_track_is_found_by_all_ways(size: int) -> None:
    library = Library("RINCON_1", size)
    listed = library.browse("A:TRACKS") or []
    assert len(listed) == size + 27
    titles = [title_of(row) for row in listed]
    assert titles == sorted(titles)
    by_artist = [
        track.uri
        for row in library.browse("A:ARTIST") or []
        for track in library.tracks_of(row.split('id="')[1].split('"')[0].replace("&amp;", "&"))
    ]
    assert len(set(by_artist)) == len(by_artist) >= size
    shared = {track.uri for track in library.tracks_of("S://nas/archive")}
    assert len(shared) == size
    assert shared <= set(by_artist)


@pytest.mark.parametrize(
    "nothing",
    [
        "A:ARTIST/Nobody",
        "A:ARTIST/Amber%20Arcade%20000000/No%20such",
        "A:ALBUM/Nothing",
        "A:GENRE/Noise",
        "A:COMPOSER/Nobody",
        "A:WRONG",
        "S://nas/archive/Nobody",
        "S://nas/archive/A/B/C/D",
        "S://elsewhere",
    ],
)
def test_what_is_not_there(nothing: str) -> None:
    assert Library("RINCON_1", 100).browse(nothing) is None
