"""`media_player.play_media` with everything a household can play, and with what it cannot."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, override
from unittest.mock import AsyncMock

from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.components.media_source import MediaSource, MediaSourceItem, PlayMedia
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.library import LIBRARY
from simulator.sonos_sim import streaming
from tests.household import SimulatedHousehold

TRACK = "spotify:track:0000000000000000000001"
LIST = "https://open.spotify.com/playlist/37i9dQZF1DX4xuWVBs4FgJ?si=1"


@pytest.fixture
def player(household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the entity id of the first speaker's player."""
    registry = er.async_get(hass)
    found = registry.async_get_entity_id("media_player", DOMAIN, household.uids[0])
    assert found is not None
    return found


@pytest.fixture
async def audio(loopback_sockets: None) -> AsyncIterator[str]:
    """Serve a file, a station, a page and a dead link on loopback; return the address."""

    async def song(_: web.Request) -> web.Response:
        return web.Response(body=b"\xff\xfb" * 100, content_type="audio/mpeg")

    async def untyped(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"\xff\xfb", headers={"Content-Type": "application/octet-stream"})

    async def station(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"icy-name": "Nine", "Content-Type": "audio/mpeg"})
        await response.prepare(request)
        while True:
            await response.write(b"\xff\xfb" * 100)
            await asyncio.sleep(0.05)

    async def station_list(_: web.Request) -> web.Response:
        return web.Response(body=b"[playlist]", content_type="audio/x-scpls")

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<p>Hello", content_type="text/html")

    async def moved(_: web.Request) -> web.Response:
        raise web.HTTPFound("/song.mp3")

    async def circle(_: web.Request) -> web.Response:
        raise web.HTTPFound("/circle")

    app = web.Application()
    for path, handler in {
        "/song.mp3": song,
        "/untyped": untyped,
        "/station": station,
        "/list.pls": station_list,
        "/page": page,
        "/moved": moved,
        "/circle": circle,
    }.items():
        app.router.add_get(path, handler)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    yield f"http://127.0.0.1:{server.port}"
    await server.close()


async def play(hass: HomeAssistant, player: str, media_id: str, **data: Any) -> None:
    await hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": player,
            "media_content_id": media_id,
            "media_content_type": "music",
            **data,
        },
        blocking=True,
    )


@pytest.mark.parametrize(
    ("media", "queued", "tracks"),
    [
        (TRACK, "x-sonos-spotify:spotify%3atrack%3a0000000000000000000001", 1),
        (
            "https://open.spotify.com/track/0000000000000000000001?si=x",
            "x-sonos-spotify:spotify%3atrack%3a0000000000000000000001",
            1,
        ),
        (LIST, "x-sonos-spotify:spotify%3atrack%3a", 25),
        ("spotify:album:6wiUBliPe76YAVpNEdidpY", "x-sonos-spotify:spotify%3atrack%3a", 10),
        ("https://tidal.com/browse/track/157273956", "track%2f157273956", 1),
        ("https://tidal.com/browse/album/157273956", "x-sonos-http:album", 25),
        ("https://www.deezer.com/track/123", "track-123", 1),
        ("https://www.deezer.com/en/playlist/123", "x-sonos-http:", 25),
        ("https://music.apple.com/dk/album/black-velvet/217502930?i=217503142", "217503142", 1),
        ("https://music.apple.com/dk/album/amused-to-death/975952384", "x-sonos-http:", 25),
        ("FV:2/2", "x-sonos-spotify:spotify%3atrack%3a", 25),
        ("Dinner playlist", "x-sonos-spotify:spotify%3atrack%3a", 25),
        ("FV:2/3", "x-file-cifs://nas/music/The%20Low%20Tides/Salt/", 6),
        (
            "x-rincon-cpcontainer:1006206cspotify%3aplaylist%3a37i9dQZF1DX4xuWVBs4FgJ?sid=9&sn=7",
            "x-sonos-spotify:spotify%3atrack%3a",
            25,
        ),
        ("A:ALBUMARTIST/The%20Low%20Tides", "x-file-cifs://nas/music/The%20Low%20Tides/", 6),
        (
            "S://nas/music/Mara%20Oak/100%25%20Oak/01%20Grain.mp3",
            "x-file-cifs://nas/music/Mara%20Oak/100%25%20Oak/01%20Grain.mp3",
            1,
        ),
        (
            "x-file-cifs://nas/music/Mara%20Oak/100%25%20Oak/01%20Grain.mp3",
            "x-file-cifs://nas/music/Mara%20Oak/100%25%20Oak/01%20Grain.mp3",
            1,
        ),
    ],
)
async def test_what_goes_into_the_queue(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    player: str,
    media: str,
    queued: str,
    tracks: int,
) -> None:
    await household.services(link=[174, 2, 204])
    await play(hass, player, media)
    await household.wait_playing()
    uris = await household.queue_uris()
    assert len(uris) == tracks
    assert queued in uris[0]


async def test_enqueue(
    household: SimulatedHousehold, hass: HomeAssistant, player: str, audio: str
) -> None:
    def media(number: int) -> str:
        return f"{audio}/song.mp3?{number}"

    await play(hass, player, media(1), extra={"title": "One & only"})
    await household.wait_playing()
    assert (await household.speaker(1))["queue"]["items"][0]["title"] == "One & only"
    await play(hass, player, media(4), enqueue="add")
    await play(hass, player, media(3), enqueue="next")
    await play(hass, player, media(2), enqueue="play")
    assert [uri[-1] for uri in await household.queue_uris(1)] == ["1", "2", "3", "4"]
    assert (await household.speaker(1))["transport"]["track_number"] == 2
    await play(hass, player, "A:ALBUM/Salt", enqueue="next")
    assert len(await household.queue_uris()) == 10
    assert (await household.queue_uris())[2].startswith("x-file-cifs:")
    await play(hass, player, media(5), enqueue="replace")
    state = await household.wait_until(lambda state: len(state["queue"]["items"]) == 1, speaker=1)
    assert state["queue"]["items"][0]["uri"] == media(5)


async def test_a_sonos_playlist_by_id_and_by_title(
    household: SimulatedHousehold, hass: HomeAssistant, player: str
) -> None:
    saved = (await household.state())["saved_queues"][0]
    for media in (saved["id"], saved["title"]):
        await play(hass, player, media, media_content_type="playlist")
        await household.wait_playing()
        assert len(await household.queue_uris()) == len(saved["items"])
        await household.user(1, "clear_queue")


@pytest.mark.parametrize(
    ("media", "kind", "uri"),
    [
        ("FV:2/1", "favorite", "x-sonosapi-stream:s90001?sid=254&flags=8224&sn=0"),
        ("Harbour FM 98.2", "favorite_item_id", "x-sonosapi-stream:s90001"),
        ("R:0/0/2", "channel", "x-sonosapi-stream:s90002"),
        ("night jazz & more", "music", "x-sonosapi-stream:s90002"),
        ("x-rincon-mp3radio://radio.example/live", "music", "x-rincon-mp3radio://radio.example"),
        ("{audio}/station", "music", "x-rincon-mp3radio://127.0.0.1"),
        ("{audio}/list.pls", "music", "x-rincon-mp3radio://127.0.0.1"),
    ],
)
async def test_a_station_plays_beside_the_queue(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    player: str,
    audio: str,
    media: str,
    kind: str,
    uri: str,
) -> None:
    await household.demo()
    await play(hass, player, media.format(audio=audio), media_content_type=kind)
    state = await household.wait_playing()
    assert state["transport"]["uri"].startswith(uri)
    assert len(state["queue"]["items"]) == 6


@pytest.mark.parametrize("path", ["song.mp3", "untyped", "moved"])
async def test_an_audio_file_on_the_web(
    household: SimulatedHousehold, hass: HomeAssistant, player: str, audio: str, path: str
) -> None:
    await play(hass, player, f"{audio}/{path}")
    await household.wait_playing()
    assert await household.queue_uris() == [f"{audio}/{path}"]


async def test_a_station_older_than_the_standard(
    household: SimulatedHousehold, hass: HomeAssistant, player: str
) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"ICY 200 OK\r\nicy-name: Ten\r\n\r\n\xff\xfb")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await play(hass, player, f"http://127.0.0.1:{port}/;")
    state = await household.wait_playing()
    assert state["transport"]["uri"] == f"x-rincon-mp3radio://127.0.0.1:{port}/;"


async def test_a_media_source(
    household: SimulatedHousehold, hass: HomeAssistant, player: str
) -> None:
    hass.config.internal_url = "http://127.0.0.1:8123"
    media = Path(hass.config.path("media"))
    media.mkdir()
    (media / "song.mp3").write_bytes(b"\xff\xfb")
    (media / "picture.png").write_bytes(b"\x89PNG")
    hass.config.media_dirs = {"local": str(media)}
    assert await async_setup_component(hass, "media_source", {})
    await play(hass, player, "media-source://media_source/local/song.mp3")
    await household.wait_playing()
    [uri] = await household.queue_uris()
    assert uri.startswith("http://127.0.0.1:8123/media/local/song.mp3?authSig=")
    await play(hass, player, "/local/bell.mp3", enqueue="add")
    await play(hass, player, "http://127.0.0.1:8123/local/bell.mp3", enqueue="add")
    assert (await household.queue_uris())[1:] == ["http://127.0.0.1:8123/local/bell.mp3"] * 2
    with pytest.raises(HomeAssistantError) as caught:
        await play(hass, player, "media-source://media_source/local/picture.png")
    assert caught.value.translation_key == "media_not_audio"
    with pytest.raises(HomeAssistantError):
        await play(hass, player, "media-source://nowhere/song.mp3")


async def test_stations_of_media_sources(
    household: SimulatedHousehold, hass: HomeAssistant, player: str, audio: str
) -> None:
    """A source says which address; its headers say what is there."""

    class Source(MediaSource):
        @override
        async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
            return PlayMedia(f"{audio}/{item.identifier}", "audio/mpeg")

    assert await async_setup_component(hass, "media_source", {})
    for domain in ("radio_browser", "music_box"):
        mock_integration(hass, MockModule(domain))
        platform = MockPlatform()
        platform.async_get_media_source = AsyncMock(return_value=Source(domain))
        mock_platform(hass, f"{domain}.media_source", platform)
        hass.config.components.add(domain)
    for media in ("radio_browser/song.mp3", "music_box/station"):
        await play(hass, player, f"media-source://{media}")
        state = await household.wait_playing()
        assert state["transport"]["uri"].startswith("x-rincon-mp3radio://127.0.0.1")
    await play(hass, player, "media-source://music_box/song.mp3")
    await household.wait_playing()
    assert await household.queue_uris() == [f"{audio}/song.mp3"]


@pytest.mark.usefixtures("catalog")
async def test_the_moment_and_what_was_recommended_before(
    household: SimulatedHousehold, hass: HomeAssistant, player: str
) -> None:
    await play(hass, player, "rhythmiq:moment")
    await household.wait_playing()
    await household.wait_until(lambda state: len(state["queue"]["items"]) == 20, speaker=1)
    first = await household.queue_uris()
    store = hass.data[LIBRARY].store
    [made] = await hass.async_add_executor_job(store.latest_recommendations, 5)
    await household.user(1, "clear_queue")
    await play(hass, player, f"rhythmiq:recommendation/{made.id}")
    await household.wait_playing()
    await household.wait_until(lambda state: len(state["queue"]["items"]) == 20, speaker=1)
    assert await household.queue_uris() == first
    with pytest.raises(HomeAssistantError) as caught:
        await play(hass, player, "rhythmiq:recommendation/none")
    assert caught.value.translation_key == "unknown_recommendation"


@pytest.mark.usefixtures("catalog")
async def test_an_artist_of_the_catalog(
    household: SimulatedHousehold, hass: HomeAssistant, player: str
) -> None:
    await play(hass, player, "rhythmiq:artist/Invented Artist 7", media_content_type="artist")
    await household.wait_playing()
    await household.wait_until(lambda state: len(state["queue"]["items"]) > 1, speaker=1)
    with pytest.raises(HomeAssistantError) as caught:
        await play(hass, player, "rhythmiq:artist/Nobody")
    assert caught.value.translation_key == "unknown_media"


@pytest.mark.parametrize(
    ("media", "data", "key", "named"),
    [
        ("No Such Thing", {}, "unknown_media", "No Such Thing"),
        ("No Such Thing", {"media_content_type": "favorite"}, "unknown_favorite", "No Such Thing"),
        ("FV:2/99", {}, "unknown_favorite", "FV:2/99"),
        ("SQ:99", {"media_content_type": "playlist"}, "unknown_favorite", "SQ:99"),
        ("An Artist Page", {}, "not_playable", "An Artist Page"),
        ("A:ALBUM/Pepper", {}, "unknown_media", "A:ALBUM/Pepper"),
        ("gopher://old", {}, "unsupported_media", "gopher://old"),
        ("FV:2/1", {"enqueue": "next"}, "stream_not_queueable", "Harbour FM"),
        ("{audio}/station", {"enqueue": "add"}, "stream_not_queueable", "/station"),
        ("{audio}/page", {}, "media_not_audio", "text/html"),
        ("{audio}/gone.mp3", {}, "media_not_found", "404"),
        ("{audio}/circle", {}, "media_unreachable", "/circle"),
        ("http://127.0.0.1:1/song.mp3", {}, "media_unreachable", "127.0.0.1:1"),
        ("http://[half", {}, "media_unreachable", "http://[half"),
    ],
)
async def test_errors_name_the_cause(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    player: str,
    audio: str,
    media: str,
    data: dict[str, Any],
    key: str,
    named: str,
) -> None:
    await household.demo()
    await household.wait_playing()
    before = await household.queue_uris()
    with pytest.raises(HomeAssistantError) as caught:
        await play(hass, player, media.format(audio=audio), **{"enqueue": "play", **data})
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, key)
    assert named in str(caught.value)
    assert await household.queue_uris() == before
    assert (await household.speaker(1))["transport"]["state"] == "PLAYING"


async def test_refusals_that_are_not_about_the_media_stay_what_they_are(
    household: SimulatedHousehold, hass: HomeAssistant, player: str
) -> None:
    await household.fault("error", action="AddURIToQueue", code=402)
    for media in (TRACK, "A:ALBUM/Salt"):
        with pytest.raises(HomeAssistantError) as caught:
            await play(hass, player, media)
        assert "402" in str(caught.value)
    await household.fault("drop", action="SetAVTransportURI")
    with pytest.raises(HomeAssistantError) as caught:
        await play(hass, player, "FV:2/1")
    assert caught.value.translation_key == "speaker_unreachable"


async def test_a_service_the_household_has_not(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    player: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(streaming.SERVICES, 2)
    with pytest.raises(HomeAssistantError) as caught:
        await play(hass, player, "https://www.deezer.com/track/123")
    assert caught.value.translation_key == "service_not_offered"
    assert "Deezer" in str(caught.value)


async def test_why_a_share_link_was_refused(
    household: SimulatedHousehold, hass: HomeAssistant, player: str
) -> None:
    async def refusal(media: str) -> str:
        with pytest.raises(HomeAssistantError) as caught:
            await play(hass, player, media)
        assert media in str(caught.value)
        return caught.value.translation_key or ""

    await household.services(spotify="none")
    assert await refusal(TRACK) == "share_refused"
    assert await refusal("https://tidal.com/browse/track/157273956") == "share_refused"
    await household.services(spotify="eu")
    await household.catalog(unavailable=["spotify:playlist:37i9dQZF1DX4xuWVBs4FgJ"])
    assert await refusal(LIST) == "share_refused"
    await play(hass, player, TRACK)
    assert await refusal(LIST) == "share_unavailable"
    await household.services(link=[204])
    song = "https://music.apple.com/dk/album/black-velvet/217502930?i={}"
    await play(hass, player, song.format(217503142))
    await household.catalog(unavailable=["song:1"])
    assert await refusal(song.format(1)) == "share_unavailable"
