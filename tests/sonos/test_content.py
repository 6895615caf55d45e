"""What a household has to play, as its speakers show it."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.rhythmiq.sonos import content
from custom_components.rhythmiq.sonos.content import (
    FAVORITES,
    PLAYLISTS,
    STATIONS,
    Folder,
    Kind,
    Node,
    Range,
    playable_of,
    read_folder,
    read_page,
    search_library,
)
from custom_components.rhythmiq.sonos.control import Control
from custom_components.rhythmiq.sonos.errors import PlaybackError
from custom_components.rhythmiq.sonos.favorites import (
    NotPlayableError,
    UnknownFavoriteError,
    find_kept,
    read_kept,
)
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.queue import Enqueue, play_tracks
from custom_components.rhythmiq.sonos.speaker import Speaker
from custom_components.rhythmiq.sonos.stream import play_stream
from tests.household import SimulatedHousehold

from .conftest import Connect


@pytest.fixture
async def speaker(connect: Connect, household: SimulatedHousehold) -> Speaker:
    return (await connect()).speakers[household.uids[0]]


@pytest.fixture
def control(speaker: Speaker) -> Control:
    return speaker.control


async def nodes(control: Control, folder: str) -> list[Node]:
    return list((await read_folder(control, folder)).nodes)


async def test_favourites_are_what_they_lead_to(control: Control) -> None:
    kept = {node.title: node for node in await nodes(control, FAVORITES)}
    assert {title: node.kind for title, node in kept.items()} == {
        "Harbour FM 98.2": Kind.STATION,
        "Dinner Playlist": Kind.PLAYLIST,
        "Salt": Kind.ALBUM,
        "Kite Theory radio": Kind.STATION,
        "An Artist Page": Kind.ARTIST,
    }
    assert kept["An Artist Page"].playable is None
    dinner = kept["Dinner Playlist"].playable
    assert dinner is not None
    assert dinner.metadata is not None
    assert "SA_RINCON2311_" in dinner.metadata


async def test_a_track_says_who_made_it(control: Control) -> None:
    track = (await nodes(control, "A:ALBUM/Salt"))[0]
    assert (track.kind, track.title, track.artist, track.album) == (
        Kind.TRACK,
        "Undertow",
        "The Low Tides",
        "Salt",
    )
    assert track.uri is not None
    assert track.uri.startswith("x-file-cifs://nas/music/")
    assert (track.artwork or "").startswith("/getaa?u=")
    assert not track.expandable


@pytest.mark.parametrize(
    ("folder", "kind", "playable"),
    [
        ("A:", Kind.FOLDER, False),
        ("A:ALBUMARTIST", Kind.ARTIST, True),
        ("A:ALBUM", Kind.ALBUM, True),
        ("A:GENRE", Kind.GENRE, True),
        ("A:COMPOSER", Kind.COMPOSER, True),
        ("A:TRACKS", Kind.TRACK, True),
        ("A:PLAYLISTS", Kind.PLAYLIST, True),
        (STATIONS, Kind.STATION, True),
        ("S:", Kind.FOLDER, False),
        ("S://nas/music", Kind.FOLDER, True),
    ],
)
async def test_kinds(control: Control, folder: str, kind: Kind, playable: bool) -> None:
    found = await nodes(control, folder)
    assert found
    assert {node.kind for node in found} == {kind}
    assert {node.playable is not None for node in found} == {playable}


async def test_a_folder_that_is_not_there(control: Control) -> None:
    with pytest.raises(PlaybackError) as caught:
        await read_folder(control, "A:NONSENSE")
    assert caught.value.code == content.NO_SUCH_OBJECT


async def test_pages_follow_each_other(
    control: Control, monkeypatch: pytest.MonkeyPatch, household: SimulatedHousehold
) -> None:
    whole = await nodes(control, "A:TRACKS")
    assert len(whole) == 27
    monkeypatch.setattr(content, "_PAGE_NODES", 10)
    await household.clear_calls()
    assert await nodes(control, "A:TRACKS") == whole
    assert (await household.call_counts())["ContentDirectory.Browse"] == 3
    assert await read_folder(control, "A:TRACKS", 5, 12) == Folder(tuple(whole[5:17]))
    assert await read_folder(control, "A:TRACKS", 20, 50) == Folder(tuple(whole[20:]))
    assert await read_folder(control, "A:TRACKS", 99) == Folder()


async def test_a_large_folder_comes_in_ranges(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await nodes(control, "A:TRACKS")
    monkeypatch.setattr(content, "MOST_NODES", 4)
    monkeypatch.setattr(content, "_MOST_RANGES", 3)
    folder = await read_folder(control, "A:TRACKS")
    assert folder == Folder(
        ranges=tuple(Range(start, 9, whole[start].title) for start in (0, 9, 18))
    )
    assert (await read_folder(control, "A:TRACKS", 18, 9)).ranges == (
        Range(18, 4, whole[18].title),
        Range(22, 4, whole[22].title),
        Range(26, 1, whole[26].title),
    )
    assert (await read_folder(control, "A:TRACKS", 22, 4)).nodes == tuple(whole[22:26])


async def test_a_library_of_100_000_tracks(
    loopback_sockets: None, soco_clean: None, hass: HomeAssistant
) -> None:
    """Whatever is opened: few calls, few nodes, and three clicks to each track."""
    with SimulatedHousehold(speakers=1, library_tracks=100_000) as archive:
        ours = Household(hass, archive.household_id, archive.hosts)
        await ours.start()
        control = ours.speakers[archive.uids[0]].control

        async def open_folder(name: str, start: int = 0, count: int | None = None) -> Folder:
            await archive.clear_calls()
            folder = await read_folder(control, name, start, count)
            assert len(folder.nodes) <= content.MOST_NODES
            assert (await archive.call_counts())["ContentDirectory.Browse"] <= 41
            return folder

        for name in ("A:ALBUMARTIST", "A:ALBUM", "A:COMPOSER", "A:TRACKS"):
            assert (await open_folder(name)).ranges
        ranges = (await open_folder("A:TRACKS")).ranges
        assert sum(part.count for part in ranges) == 100_027
        narrower = (await open_folder("A:TRACKS", ranges[20].start, ranges[20].count)).ranges
        tracks = await open_folder("A:TRACKS", narrower[-1].start, narrower[-1].count)
        assert tracks.nodes[0].title == narrower[-1].first
        assert len(tracks.nodes) == narrower[-1].count
        found = await search_library(control, Kind.TRACK, "amber", 30)
        assert len(found) == 30
        await ours.stop()


async def test_what_is_no_list(control: Control) -> None:
    with pytest.raises(PlaybackError) as caught:
        content._page(control, {"TotalMatches": "1", "Result": "<DIDL-Lite"})
    assert caught.value.key == "speaker_confused"


async def test_garbage_is_no_page(household: SimulatedHousehold, control: Control) -> None:
    await household.fault("garbage", action="Browse", count=1)
    with pytest.raises(PlaybackError) as caught:
        await read_page(control, FAVORITES)
    assert caught.value.key == "speaker_confused"


async def test_search(control: Control) -> None:
    async def titles(kind: Kind, words: str) -> list[str]:
        return [node.title for node in await search_library(control, kind, words, 10)]

    assert await titles(Kind.TRACK, "SALT") == ["Salt"]
    assert await titles(Kind.ALBUM, "100% o") == ["100% Oak"]
    assert await titles(Kind.ARTIST, "low") == ["The Low Tides"]
    assert await titles(Kind.TRACK, "nothing like it") == []
    assert await titles(Kind.STATION, "harbour") == []
    assert await titles(Kind.TRACK, " ") == []
    assert len(await search_library(control, Kind.TRACK, "e", 2)) == 2


async def test_search_without_a_library(household: SimulatedHousehold, control: Control) -> None:
    await household.fault("error", action="Browse", code=701, count=1)
    assert await search_library(control, Kind.TRACK, "salt", 10) == ()
    await household.fault("error", action="Browse", code=402, count=1)
    with pytest.raises(PlaybackError):
        await search_library(control, Kind.TRACK, "salt", 10)


@pytest.mark.parametrize(
    ("object_id", "tracks"),
    [
        ("A:ALBUMARTIST/The%20Low%20Tides", 6),
        ("A:ALBUMARTIST/Kite%20Theory/Paper%20Weather", 5),
        ("A:ALBUM/100%25%20Oak", 3),
        ("A:GENRE/Jazz", 3),
        ("A:COMPOSER/N.%20Okafor/Kite%20Theory", 9),
        ("S://nas/music/Mara%20Oak", 3),
        ("S://nas/music/Mara%20Oak/100%25%20Oak/01%20Grain.mp3", 1),
        ("S://nas/music/friday.m3u", 5),
    ],
)
async def test_the_library_plays_by_id(
    household: SimulatedHousehold, speaker: Speaker, object_id: str, tracks: int
) -> None:
    playable = playable_of(object_id, speaker.uid)
    assert playable is not None
    await play_tracks(speaker, [playable], Enqueue.REPLACE)
    await household.wait_playing()
    assert len(await household.queue_uris()) == tracks


@pytest.mark.parametrize(
    "object_id", ["A:", "A:TRACKS", "S:", "S://nas", "S://nas/music", "SQ:", "FV:2/1", "Salt"]
)
def test_what_stands_for_everything_does_not_play(object_id: str) -> None:
    assert playable_of(object_id, "RINCON_1") is None


async def test_kept_by_id_and_title(household: SimulatedHousehold, control: Control) -> None:
    assert (await find_kept(control, "FV:2/3")).title == "Salt"
    assert (await find_kept(control, " harbour fm 98.2 ")).kind is Kind.STATION
    assert (await find_kept(control, "Night Jazz & More")).id == "R:0/0/2"
    with pytest.raises(UnknownFavoriteError):
        await find_kept(control, "Night Jazz & More", FAVORITES)
    with pytest.raises(NotPlayableError):
        await find_kept(control, "an artist page")
    assert len(await read_kept(control)) == 7 + len(await read_kept(control, PLAYLISTS))


async def test_a_station_leaves_the_queue_alone(
    household: SimulatedHousehold, speaker: Speaker
) -> None:
    await household.demo()
    await household.wait_playing()
    station = await find_kept(speaker.control, "Harbour FM 98.2")
    assert station.uri is not None
    await play_stream(speaker, station.uri, station.title, station.metadata)
    state = await household.wait_playing()
    assert state["transport"]["uri"] == station.uri
    assert len(state["queue"]["items"]) == 6
    await play_stream(speaker, "https://radio.example/live", "Nine & Ten")
    state = await household.wait_playing()
    assert state["transport"]["uri"] == "x-rincon-mp3radio://radio.example/live"
