"""The media player as Home Assistant and the simulated household see it."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.sonos.conftest import until

TRACK = "spotify:track:0000000000000000000001"


@pytest.fixture
async def players(household: SimulatedHousehold, hass: HomeAssistant) -> AsyncIterator[list[str]]:
    """Return the entity ids of our three players, in the household's order."""
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    registry = er.async_get(hass)
    found = [registry.async_get_entity_id("media_player", DOMAIN, uid) for uid in household.uids]
    yield [entity_id for entity_id in found if entity_id is not None]
    await hass.config_entries.async_unload(entry.entry_id)


def now(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state is not None
    return state


async def act(hass: HomeAssistant, action: str, entity_id: str, **data: Any) -> None:
    await hass.services.async_call(
        "media_player", action, {"entity_id": entity_id, **data}, blocking=True
    )


async def test_one_player_and_device_per_speaker(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    assert len(players) == 3
    assert [now(hass, each).state for each in players] == ["idle"] * 3
    entity = er.async_get(hass).async_get(players[1])
    assert entity is not None
    assert entity.unique_id == household.uids[1]
    assert entity.has_entity_name
    assert entity.original_name is None
    assert entity.device_id is not None
    device = dr.async_get(hass).async_get(entity.device_id)
    assert isinstance(device, dr.DeviceEntry)
    assert device.identifiers == {(DOMAIN, household.uids[1])}
    assert (device.manufacturer, device.model, device.name) == ("Sonos", "Era 100", "Kitchen")
    assert device.sw_version == "18.3"
    assert device.area_id is not None
    area = ar.async_get(hass).async_get_area(device.area_id)
    assert area is not None
    assert area.name == "Kitchen"


async def test_state_and_metadata(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.demo(1)
    await until(lambda: now(hass, players[0]).state == "playing")
    await until(lambda: "media_position" in now(hass, players[0]).attributes)
    attributes = now(hass, players[0]).attributes
    playing = (await household.speaker(1))["transport"]["track"]
    assert attributes["media_title"] == playing["title"]
    assert attributes["media_artist"] == playing["artist"]
    assert attributes["media_album_name"] == playing["album"]
    assert attributes["media_duration"] == playing["duration"]
    assert attributes["media_content_id"] == playing["uri"]
    assert attributes["media_content_type"] == "music"
    assert attributes["media_position_updated_at"]
    assert attributes["queue_position"] == 1
    assert attributes["source_kind"] == "queue"
    assert attributes["volume_level"] == 0.2
    assert attributes["is_volume_muted"] is False
    assert now(hass, players[1]).attributes["source_kind"] == "queue"
    assert now(hass, players[1]).attributes.get("media_title") is None


async def test_artwork_is_served_by_home_assistant(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    players: list[str],
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    await household.demo(1)
    await until(lambda: now(hass, players[0]).state == "playing")
    picture = now(hass, players[0]).attributes["entity_picture"]
    assert picture.startswith("/api/media_player_proxy/")
    client = await hass_client_no_auth()
    async with client.get(picture) as response:
        assert response.status == HTTPStatus.OK
        assert response.content_type == "image/png"
        assert (await response.read()).startswith(b"\x89PNG")


async def test_actions_reach_the_speaker(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.demo(1)
    await household.wait_playing()
    player = players[0]
    await act(hass, "media_pause", player)
    await until(lambda: now(hass, player).state == "paused")
    await act(hass, "media_play", player)
    await until(lambda: now(hass, player).state == "playing")
    await act(hass, "media_next_track", player)
    await until(lambda: now(hass, player).attributes["queue_position"] == 2)
    await act(hass, "media_previous_track", player)
    await until(lambda: now(hass, player).attributes["queue_position"] == 1)
    await act(hass, "volume_set", player, volume_level=0.5)
    await act(hass, "volume_up", player)
    await act(hass, "volume_up", player)
    await act(hass, "volume_down", player)
    await act(hass, "volume_mute", player, is_volume_muted=True)
    await until(lambda: now(hass, player).attributes["is_volume_muted"] is True)
    await until(lambda: now(hass, player).attributes["volume_level"] == 0.52)
    await act(hass, "media_stop", player)
    stopped = await household.speaker(1)
    assert stopped["transport"]["state"] == "STOPPED"
    assert (stopped["volume"], stopped["mute"]) == (52, True)


@pytest.mark.parametrize(
    ("media", "queued"),
    [
        (TRACK, "x-sonos-spotify:spotify%3atrack%3a0000000000000000000001"),
        (
            "https://open.spotify.com/track/0000000000000000000001?si=x",
            "x-sonos-spotify:spotify%3atrack%3a0000000000000000000001",
        ),
        ("https://tidal.com/browse/track/157273956", "track%2f157273956"),
        ("https://www.deezer.com/track/123", "track-123"),
        ("https://music.apple.com/dk/album/black-velvet/217502930?i=217503142", "217503142"),
        ("http://127.0.0.1:8/a.mp3", "http://127.0.0.1:8/a.mp3"),
    ],
)
async def test_play_media(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str], media: str, queued: str
) -> None:
    await household.services(link=[174, 2, 204])
    await act(hass, "play_media", players[0], media_content_id=media, media_content_type="music")
    await household.wait_playing()
    [uri] = await household.queue_uris(1)
    assert queued in uri


async def test_play_media_enqueues(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    def media(number: int) -> dict[str, str]:
        uri = f"http://127.0.0.1:8/{number}.mp3"
        return {"media_content_id": uri, "media_content_type": "music"}

    await act(hass, "play_media", players[0], **media(1), extra={"title": "One & only"})
    await until(lambda: now(hass, players[0]).attributes.get("queue_position") == 1)
    assert (await household.speaker(1))["queue"]["items"][0]["title"] == "One & only"
    await act(hass, "play_media", players[0], **media(4), enqueue="add")
    await act(hass, "play_media", players[0], **media(3), enqueue="next")
    await act(hass, "play_media", players[0], **media(2), enqueue="play")
    uris = await household.queue_uris(1)
    assert [uri[-5] for uri in uris] == ["1", "2", "3", "4"]
    assert (await household.speaker(1))["transport"]["track_number"] == 2
    await act(hass, "play_media", players[0], **media(5), enqueue="replace")
    assert [uri[-5] for uri in await household.queue_uris(1)] == ["5"]


@pytest.mark.parametrize(
    ("action", "data", "fault", "key"),
    [
        ("media_play", {}, None, "speaker_refused"),
        ("media_next_track", {}, {"kind": "garbage", "action": "Next"}, "speaker_confused"),
        ("volume_set", {"volume_level": 1}, {"kind": "drop"}, "speaker_unreachable"),
        ("play_media", {"media_content_id": "what?"}, None, "unsupported_media"),
        ("play_media", {"media_content_id": TRACK}, None, "nothing_playable"),
    ],
)
async def test_failures_are_translated(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    players: list[str],
    action: str,
    data: dict[str, Any],
    fault: dict[str, Any] | None,
    key: str,
) -> None:
    await household.services(spotify="none")
    if fault:
        await household.fault(**fault, service="*Control" if action == "volume_set" else "*")
    if action == "play_media":
        data["media_content_type"] = "music"
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, action, players[0], **data)
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, key)
    assert "Living Room" in str(caught.value) or key == "unsupported_media"


async def test_unavailable_and_back(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.offline(2, reason="powered off")
    await until(lambda: now(hass, players[1]).state == "unavailable")
    assert now(hass, players[0]).state == "idle"
    await household.online(2)
    await until(lambda: now(hass, players[1]).state == "idle")


async def test_a_new_speaker_gets_a_player(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.offline(3)
    await asyncio.sleep(0.2)  # the others publish it a moment later
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert len(hass.states.async_entity_ids("media_player")) == 2
    await household.online(3)
    await until(lambda: len(hass.states.async_entity_ids("media_player")) == 3)
    assert await hass.config_entries.async_unload(entry.entry_id)
