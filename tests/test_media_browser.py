"""The media browser and search, as the frontend and voice use them."""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, cast

from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.media_player.browse_media import SearchMedia
from homeassistant.components.media_player.const import INTENT_MEDIA_SEARCH_AND_PLAY
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.sonos import content
from tests.household import NotASonos, SimulatedHousehold
from tests.sonos.conftest import until

STATION = "x-sonosapi-stream:s90001?sid=254&flags=8224&sn=0"

type Browsed = dict[str, Any]


@pytest.fixture
def player(household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the entity id of the first speaker's player."""
    registry = er.async_get(hass)
    found = registry.async_get_entity_id("media_player", DOMAIN, household.uids[0])
    assert found is not None
    return found


@pytest.fixture
async def frontend(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, player: str
) -> Frontend:
    return Frontend(await hass_ws_client(hass), player)


class Frontend:
    """What the media panel does."""

    def __init__(self, client: Any, player: str) -> None:
        self.client = client
        self._player = player

    async def _ask(self, command: str, **data: Any) -> Browsed:
        message = {"type": f"media_player/{command}", "entity_id": self._player, **data}
        await self.client.send_json_auto_id(message)
        answer: Browsed = await self.client.receive_json()
        return answer

    async def browse(self, media_id: str | None = None, kind: str = "directory") -> Browsed:
        """Open a folder; return what the panel shows."""
        ids = {} if media_id is None else {"media_content_id": media_id, "media_content_type": kind}
        answer = await self._ask("browse_media", **ids)
        assert answer["success"], answer
        browsed: Browsed = answer["result"]
        return browsed

    async def titles(self, media_id: str | None = None) -> list[str]:
        """Return the titles in a folder."""
        return [child["title"] for child in (await self.browse(media_id))["children"]]

    async def refused(self, command: str, **data: Any) -> str:
        """Return why something cannot be shown."""
        answer = await self._ask(command, **data)
        assert not answer["success"]
        message: str = answer["error"]["message"]
        return message


async def test_the_root(frontend: Frontend) -> None:
    root = await frontend.browse()
    assert {child["title"]: child["media_content_id"] for child in root["children"]} == {
        "Recommendations": "rhythmiq:recommendations",
        "Favorites": "FV:2",
        "Sonos playlists": "SQ:",
        "Radio stations": "R:0/0",
        "Music library": "A:",
        "Folders of the music library": "S:",
    }
    assert not root["can_play"]
    assert all(child["can_expand"] for child in root["children"])


async def test_media_sources_are_shown_where_there_are_any(
    hass: HomeAssistant, player: str, hass_ws_client: WebSocketGenerator
) -> None:
    media = Path(hass.config.path("media"))
    media.mkdir()
    hass.config.media_dirs = {"local": str(media)}
    assert await async_setup_component(hass, "media_source", {})
    frontend = Frontend(await hass_ws_client(hass), player)
    root = await frontend.browse()
    [source] = [child for child in root["children"] if "media-source" in child["media_content_id"]]
    assert (await frontend.browse(source["media_content_id"], "app"))["can_expand"]


@pytest.mark.parametrize(
    ("folder", "title", "children", "kind", "playable"),
    [
        ("FV:2", "Favorites", 5, "directory", False),
        ("R:0/0", "Radio stations", 2, "channel", False),
        ("A:", "Music library", 7, "directory", False),
        ("A:ALBUMARTIST", "Album artists", 5, "artist", False),
        ("A:ALBUMARTIST/Kite%20Theory", "Kite Theory", 3, "directory", True),
        ("A:ALBUM/Salt", "Salt", 6, "track", True),
        ("S://nas/music/Mara%20Oak", "Mara Oak", 1, "directory", True),
    ],
)
async def test_folders(
    frontend: Frontend, folder: str, title: str, children: int, kind: str, playable: bool
) -> None:
    browsed = await frontend.browse(folder)
    assert browsed["title"] == title
    assert len(browsed["children"]) == children
    assert browsed["children_media_class"] == kind
    assert browsed["can_play"] is playable


async def test_names_in_the_persons_language(frontend: Frontend) -> None:
    assert "Imported playlists" in await frontend.titles("A:")
    saved = (await frontend.browse("SQ:"))["children"][0]
    assert (await frontend.browse(saved["media_content_id"]))["title"] == saved["title"]
    assert not saved["title"].startswith("SQ:")


async def test_favourites_show_what_they_are(frontend: Frontend) -> None:
    shown = {child["title"]: child for child in (await frontend.browse("FV:2"))["children"]}
    assert shown["Harbour FM 98.2"]["media_class"] == "channel"
    assert shown["Salt"]["media_class"] == "album"
    assert shown["Salt"]["can_play"]
    assert not shown["An Artist Page"]["can_play"]
    assert not shown["An Artist Page"]["can_expand"]


async def test_what_is_shown_can_be_played(
    household: SimulatedHousehold, hass: HomeAssistant, frontend: Frontend, player: str
) -> None:
    async def first(media_id: str) -> Browsed:
        children: list[Browsed] = (await frontend.browse(media_id))["children"]
        return next(child for child in children if child["can_play"])

    saved = (await first("SQ:"))["media_content_id"]
    for folder in ("FV:2", "SQ:", saved, "R:0/0", "A:ALBUM", "A:TRACKS", "A:PLAYLISTS"):
        await household.user(1, "stop")
        shown = await first(folder)
        ids = {name: shown[name] for name in ("media_content_id", "media_content_type")}
        await hass.services.async_call(
            "media_player", "play_media", {"entity_id": player, **ids}, blocking=True
        )
        await household.wait_playing()


async def test_a_large_library_comes_in_ranges(
    household: SimulatedHousehold, frontend: Frontend, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await frontend.titles("A:TRACKS")
    monkeypatch.setattr(content, "MOST_NODES", 10)
    await household.clear_calls()
    ranges = (await frontend.browse("A:TRACKS"))["children"]
    assert (await household.call_counts())["ContentDirectory.Browse"] == 4
    assert [part["title"] for part in ranges] == [
        f"{_start(whole[0])} … {_start(whole[10])}",
        f"{_start(whole[10])} … {_start(whole[20])}",
        f"{_start(whole[20])} …",
    ]
    assert not any(part["can_play"] for part in ranges)
    parts = [await frontend.titles(part["media_content_id"]) for part in ranges]
    assert [len(part) for part in parts] == [10, 10, 7]
    assert [title for part in parts for title in part] == whole


def _start(title: str) -> str:
    return title.partition(" · ")[0]


@pytest.mark.usefixtures("catalog")
async def test_recommendations_can_be_played_again(
    household: SimulatedHousehold, hass: HomeAssistant, frontend: Frontend, player: str
) -> None:
    assert await frontend.titles("rhythmiq:recommendations") == ["Play for this moment"]
    await hass.services.async_call(
        "media_player",
        "play_media",
        {
            "entity_id": player,
            "media_content_id": "rhythmiq:moment",
            "media_content_type": "playlist",
        },
        blocking=True,
    )
    moment, made = (await frontend.browse("rhythmiq:recommendations"))["children"]
    assert moment["can_play"]
    assert made["title"].count("Invented Artist") == 3
    assert "Living Room" not in made["title"]
    kitchen = Frontend(frontend.client, player.replace("living_room", "kitchen"))
    assert " · Living Room · " in (await kitchen.titles("rhythmiq:recommendations"))[1]
    browsed = await frontend.browse(made["media_content_id"])
    assert browsed["can_play"]
    assert len(browsed["children"]) == 20
    assert browsed["children"][0]["media_content_id"].startswith("spotify:track:")
    again = {
        "entity_id": player,
        "media_content_id": made["media_content_id"],
        "media_content_type": "playlist",
    }
    await hass.services.async_call("media_player", "play_media", again, blocking=True)
    assert len(await frontend.titles("rhythmiq:recommendations")) == 2


async def test_pictures_come_through_home_assistant(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    frontend: Frontend,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client = await hass_client_no_auth()
    for folder in ("A:ALBUM", "A:TRACKS"):
        shown = (await frontend.browse(folder))["children"][0]
        assert shown["thumbnail"].startswith("/api/media_player_proxy/")
        async with client.get(shown["thumbnail"]) as response:
            assert response.status == HTTPStatus.OK
            assert response.content_type.startswith("image/")


async def test_pictures_of_favourites(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    frontend: Frontend,
    player: str,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A favourite's picture is often on the internet, and then often not by https."""
    picture = f"http://{household.hosts[1]}:1400/getaa?u=1"
    for art in (picture, "https://pictures.example/1.png", "/getaa?u=2", ""):
        await add_favorite(hass, player, f"Art {art}", art)
    shown = {child["title"]: child for child in (await frontend.browse("FV:2"))["children"]}
    assert shown["Art "]["thumbnail"] is None
    assert shown["Art https://pictures.example/1.png"]["thumbnail"] == (
        "https://pictures.example/1.png"
    )
    client = await hass_client_no_auth()
    for title in (f"Art {picture}", "Art /getaa?u=2"):
        async with client.get(shown[title]["thumbnail"]) as response:
            assert response.status == HTTPStatus.OK
    base = shown[f"Art {picture}"]["thumbnail"]
    for wrong in (
        base.replace("FV:2", "FV:9"),
        f"{base}&media_image_id=/status/zp",
        f"{base}&media_image_id=http://elsewhere.example/getaa?",
    ):
        async with client.get(wrong) as response:
            assert response.status == HTTPStatus.NOT_FOUND
    await household.offline(1)
    async with client.get(base) as response:
        assert response.status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("kind", ["html", "xml", "404"])
async def test_only_pictures_are_served_as_home_assistants_own(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    frontend: Frontend,
    player: str,
    hass_client_no_auth: ClientSessionGenerator,
    kind: Literal["html", "xml", "404"],
) -> None:
    with NotASonos(kind) as other:
        await add_favorite(hass, player, "Trap", f"http://{other.host}:1400/picture.png")
        trap = (await frontend.browse("FV:2"))["children"][-1]
        client = await hass_client_no_auth()
        async with client.get(trap["thumbnail"]) as response:
            assert response.status == HTTPStatus.NOT_FOUND
        assert "GET /picture.png" in other.requests
    async with client.get(trap["thumbnail"]) as response:
        assert response.status == HTTPStatus.NOT_FOUND


async def test_the_picture_of_a_station(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    player: str,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    await household.user(1, "play_uri", uri=STATION)
    await until(lambda: picture_of(hass, player) is not None)
    [entry] = hass.config_entries.async_entries(DOMAIN)
    speaker = entry.runtime_data.household.speakers[household.uids[0]]
    assert speaker.state.artwork is None  # the stream brought none
    client = await hass_client_no_auth()
    async with client.get(picture_of(hass, player) or "") as response:
        assert response.status == HTTPStatus.OK
        assert response.content_type.startswith("image/")


def picture_of(hass: HomeAssistant, player: str) -> str | None:
    """Return where the frontend gets the player's picture."""
    state = hass.states.get(player)
    assert state is not None
    picture: str | None = state.attributes.get("entity_picture")
    return picture


async def add_favorite(hass: HomeAssistant, player: str, title: str, art: str) -> None:
    """Keep something, as the Sonos app does."""
    [entry] = hass.config_entries.async_entries(DOMAIN)
    speaker = next(iter(entry.runtime_data.household.speakers.values()))
    inner = (
        "&lt;DIDL-Lite xmlns:dc=&quot;http://purl.org/dc/elements/1.1/&quot;"
        " xmlns:upnp=&quot;urn:schemas-upnp-org:metadata-1-0/upnp/&quot;"
        " xmlns=&quot;urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/&quot;&gt;"
        f"&lt;item id=&quot;{abs(hash(title))}&quot; parentID=&quot;-1&quot;&gt;"
        "&lt;upnp:class&gt;object.item.audioItem.musicTrack&lt;/upnp:class&gt;"
        "&lt;/item&gt;&lt;/DIDL-Lite&gt;"
    )
    elements = (
        '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/"'
        ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/"'
        ' xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/"><item>'
        f"<dc:title>{title}</dc:title>"
        f'<res protocolInfo="http-get:*:audio/mpeg:*">http://a.example/{abs(hash(title))}</res>'
        f"<upnp:albumArtURI>{art}</upnp:albumArtURI><r:resMD>{inner}</r:resMD>"
        "</item></DIDL-Lite>"
    )
    await speaker.control.call(
        "contentDirectory", "CreateObject", [("ContainerID", "FV:2"), ("Elements", elements)]
    )


@pytest.mark.parametrize(
    ("media_id", "named"),
    [
        ("A:NONSENSE", "A:NONSENSE"),
        ("rhythmiq:range/x/400/A:TRACKS", "x/400/A:TRACKS"),
        ("rhythmiq:recommendation/none", "none"),
        ("media-source://nowhere", "Media Source not loaded"),
    ],
)
async def test_what_is_not_there_is_named(frontend: Frontend, media_id: str, named: str) -> None:
    message = await frontend.refused(
        "browse_media", media_content_id=media_id, media_content_type="directory"
    )
    assert named in message


async def test_a_speaker_that_is_away_is_named(
    household: SimulatedHousehold, frontend: Frontend
) -> None:
    await household.fault("drop", action="Browse")
    for command in ("browse_media", "search_media"):
        data = {"media_content_id": "A:", "media_content_type": "directory"}
        if command == "search_media":
            data["search_query"] = "salt"
        assert "Living Room" in await frontend.refused(command, **data)
    await household.clear_faults()
    await household.fault("error", action="Browse", code=501)
    assert "501" in await frontend.refused(
        "browse_media", media_content_id="A:", media_content_type="directory"
    )


# -- searching ------------------------------------------------------------------------------------


async def search(hass: HomeAssistant, player: str, words: str, **data: Any) -> list[str]:
    """Return what is found as "class: title", the best first."""
    answer = await hass.services.async_call(
        "media_player",
        "search_media",
        {"entity_id": player, "search_query": words, **data},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    found = cast("SearchMedia", answer[player])
    return [f"{each.media_class}: {each.title}" for each in found.result]


@pytest.mark.parametrize(
    ("words", "kind", "best"),
    [
        ("salt", None, ["album: Salt", "album: Salt", "track: Salt · The Low Tides"]),
        ("SALT", "track", ["track: Salt · The Low Tides"]),
        ("low tides", "artist", ["artist: The Low Tides"]),
        ("harbour fm", None, ["channel: Harbour FM 98.2"]),
        ("dinner playlist", None, ["playlist: Dinner Playlist"]),
        ("jazz", "genre", ["genre: Jazz"]),
        ("selma lund", "composer", ["composer: Selma Lund"]),
        ("whats left", None, ["track: What's Left · Selma & Finn"]),
        ("salt by the low tides", None, ["album: Salt", "track: Salt · The Low Tides"]),
        (
            "Invented Song 17 von Invented Artist 17",
            None,
            ["track: Invented Song 17 · Invented Artist 17"],
        ),
        ("undertow low tides", None, ["track: Undertow · The Low Tides"]),
        ("invented song 17", None, ["track: Invented Song 17 · Invented Artist 17"]),
        ("invented artist 17", "artist", ["artist: Invented Artist 17"]),
        ("an artist page", None, []),
        ("no such words at all", None, []),
        ("a b c d e f g h i", None, []),
        ("!", None, []),
    ],
)
@pytest.mark.usefixtures("catalog")
async def test_search(
    hass: HomeAssistant, player: str, words: str, kind: str | None, best: list[str]
) -> None:
    limit = {} if kind is None else {"media_filter_classes": [kind]}
    found = await search(hass, player, words, **limit)
    assert found[: len(best)] == best
    if not best:
        assert found == []
    if kind is not None:
        assert {each.partition(":")[0] for each in found} == {kind}
        by_type = {"media_content_type": kind, "media_content_id": "A:"}
        assert await search(hass, player, words, **by_type) == found


async def test_a_damaged_catalog_does_not_silence_the_library(
    hass: HomeAssistant, player: str
) -> None:
    [entry] = hass.config_entries.async_entries(DOMAIN)
    await hass.async_add_executor_job(entry.runtime_data.recommender._library.store.close)
    assert (await search(hass, player, "undertow"))[0] == "track: Undertow · The Low Tides"


async def test_searching_a_media_source(hass: HomeAssistant, player: str) -> None:
    with pytest.raises(HomeAssistantError):
        await search(
            hass,
            player,
            "salt",
            media_content_id="media-source://media_source/local",
            media_content_type="directory",
        )


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    ("slots", "queued"),
    [
        ({"search_query": "salt"}, "The%20Low%20Tides/Salt"),
        ({"search_query": "kite theory", "media_class": "artist"}, "Kite%20Theory"),
        ({"search_query": "invented artist 7", "media_class": "artist"}, "x-sonos-spotify"),
        ({"search_query": "invented song 21"}, "0000000000000000000021"),
    ],
)
async def test_voice_searches_and_plays(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    player: str,
    slots: dict[str, str],
    queued: str,
) -> None:
    assert await async_setup_component(hass, "intent", {})
    await hass.async_block_till_done()
    async_expose_entity(hass, conversation.DOMAIN, player, True)
    state = hass.states.get(player)
    assert state is not None
    await intent.async_handle(
        hass,
        "test",
        INTENT_MEDIA_SEARCH_AND_PLAY,
        {key: {"value": value} for key, value in {**slots, "name": state.name}.items()},
        context=Context(),
        assistant=conversation.DOMAIN,
    )
    await household.wait_playing()
    assert queued in (await household.queue_uris())[0]


async def test_the_event_loop_stays_free(
    household: SimulatedHousehold, hass: HomeAssistant, frontend: Frontend
) -> None:
    """Slow speakers must not stop Home Assistant."""
    await household.settings(soap_ms=150)
    browsing = asyncio.create_task(frontend.browse("A:TRACKS"))
    beats = 0
    while not browsing.done():
        await asyncio.sleep(0.01)
        beats += 1
    assert beats > 5
    assert len((await browsing)["children"]) == 27
