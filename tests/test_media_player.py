"""The media player as Home Assistant and the simulated household see it."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.sonos.conftest import favorites_read, until


@pytest.fixture
async def players(household: SimulatedHousehold, hass: HomeAssistant) -> AsyncIterator[list[str]]:
    """Return the entity ids of our three players, in the household's order."""
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    await favorites_read(entry)
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
    ("action", "data", "fault", "key"),
    [
        ("media_play", {}, None, "not_now"),
        ("media_next_track", {}, {"kind": "garbage", "action": "Next"}, "speaker_confused"),
        ("volume_set", {"volume_level": 1}, {"kind": "drop"}, "speaker_unreachable"),
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
    if fault:
        await household.fault(**fault, service="*Control" if action == "volume_set" else "*")
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, action, players[0], **data)
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, key)
    assert "Living Room" in str(caught.value)


async def test_grouping(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    living_room, kitchen, office = players
    assert now(hass, living_room).attributes["group_members"] == [living_room]
    await household.demo(1)
    await act(hass, "join", living_room, group_members=[kitchen, office])
    for each in players:
        members = now(hass, each).attributes["group_members"]
        assert members[0] == living_room
        assert set(members) == set(players)
    await until(lambda: now(hass, office).state == "playing")

    await household.clear_calls()
    await hass.services.async_call(
        "media_player", "unjoin", {"entity_id": [living_room, kitchen]}, blocking=True
    )
    left = [
        call["speaker"]
        for call in await household.calls(action="BecomeCoordinatorOfStandaloneGroup")
    ]
    assert left == ["Kitchen", "Living Room"]
    assert now(hass, office).attributes["group_members"] == [office]
    assert now(hass, office).state == "playing"


async def test_only_players_of_the_household_can_join(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "join", players[0], group_members=["media_player.television"])
    assert caught.value.translation_key == "unknown_player"
    with SimulatedHousehold(speakers=1, names="Summer House") as other:
        entry = MockConfigEntry(
            domain=DOMAIN, data={"host": other.hosts[0]}, unique_id=other.household_id
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        stranger = er.async_get(hass).async_get_entity_id("media_player", DOMAIN, other.uids[0])
        with pytest.raises(HomeAssistantError) as refused:
            await act(hass, "join", players[0], group_members=[stranger])
        assert refused.value.translation_key == "other_household"
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_seeking(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.demo(1)
    await until(lambda: "media_duration" in now(hass, players[0]).attributes)
    await household.clock(speed=0)
    await act(hass, "media_seek", players[0], seek_position=61.9)
    [seek] = await household.calls(action="Seek")
    assert seek["args"]["Target"] == "00:01:01"
    await until(lambda: now(hass, players[0]).attributes.get("media_position") == 61)
    for position in (-1, now(hass, players[0]).attributes["media_duration"] + 2):
        with pytest.raises((ServiceValidationError, vol.Invalid)) as caught:
            await act(hass, "media_seek", players[0], seek_position=position)
    assert isinstance(caught.value, ServiceValidationError)
    assert caught.value.translation_key == "seek_out_of_range"


async def test_nothing_to_seek_in(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.user(1, "play_uri", uri="x-rincon-mp3radio://radio.example/stream")
    await until(lambda: now(hass, players[0]).state == "playing")
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "media_seek", players[0], seek_position=30)
    assert caught.value.translation_key == "not_now"


async def test_shuffle_and_repeat(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    player = players[0]
    await household.demo(1)
    attributes = now(hass, player).attributes
    assert (attributes["shuffle"], attributes["repeat"]) == (False, "off")
    await act(hass, "shuffle_set", player, shuffle=True)
    await act(hass, "repeat_set", player, repeat="one")
    await until(lambda: now(hass, player).attributes["repeat"] == "one")
    assert now(hass, player).attributes["shuffle"] is True
    assert (await household.speaker(1))["transport"]["play_mode"] == "SHUFFLE_REPEAT_ONE"
    await act(hass, "shuffle_set", player, shuffle=False)
    await act(hass, "repeat_set", player, repeat="all")
    assert (await household.speaker(1))["transport"]["play_mode"] == "REPEAT_ALL"


async def test_both_modes_at_once(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.demo(1)
    await asyncio.gather(
        act(hass, "shuffle_set", players[0], shuffle=True),
        act(hass, "repeat_set", players[0], repeat="all"),
    )
    assert (await household.speaker(1))["transport"]["play_mode"] == "SHUFFLE"


async def test_no_order_to_choose(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.user(1, "play_uri", uri="x-rincon-mp3radio://radio.example/stream")
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "shuffle_set", players[0], shuffle=True)
    assert caught.value.translation_key == "mode_refused"


@pytest.mark.parametrize("empty_is_an_error", [False, True])
async def test_clearing_the_queue(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    players: list[str],
    *,
    empty_is_an_error: bool,
) -> None:
    await household.settings(clear_empty_error=empty_is_an_error)
    await household.demo(1)
    await act(hass, "clear_playlist", players[0])
    assert await household.queue_uris(1) == []
    await act(hass, "clear_playlist", players[0])
    await household.fault("error", action="RemoveAllTracksFromQueue", code=501)
    with pytest.raises(HomeAssistantError):
        await act(hass, "clear_playlist", players[0])


async def test_line_in_of_any_room(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    living_room, kitchen, office = players
    own, elsewhere = "Line-in", "Line-in: Office"
    assert elsewhere in now(hass, living_room).attributes["source_list"]
    assert own in now(hass, office).attributes["source_list"]
    assert now(hass, living_room).attributes.get("source") is None
    await act(hass, "join", living_room, group_members=[kitchen])
    await act(hass, "select_source", kitchen, source=elsewhere)
    await household.wait_playing(1)
    await until(lambda: now(hass, living_room).attributes.get("source") == elsewhere)
    assert now(hass, kitchen).attributes["source"] == elsewhere
    assert now(hass, living_room).attributes["source_kind"] == "line_in"
    await act(hass, "select_source", office, source=own)
    await until(lambda: now(hass, office).attributes.get("source") == own)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "select_source", office, source="Gramophone")
    assert caught.value.translation_key == "unknown_source"


def sources(hass: HomeAssistant, entity_id: str) -> list[str]:
    names: list[str] = now(hass, entity_id).attributes.get("source_list", [])
    return names


async def test_a_favorite_is_a_source(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    favorites = [each["title"] for each in (await household.state())["favorites"]]
    assert "Harbour FM 98.2" in favorites
    await until(lambda: all("Harbour FM 98.2" in sources(hass, player) for player in players))
    assert not any("An Artist Page" in sources(hass, player) for player in players)
    await act(hass, "select_source", players[0], source="Harbour FM 98.2")
    await household.wait_playing(1)
    await until(lambda: now(hass, players[0]).attributes["source_kind"] == "radio")
    await household.fault("error", action="Browse", code=501)
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "select_source", players[0], source="Harbour FM 98.2")
    assert caught.value.translation_key == "speaker_refused"


async def test_who_took_over_is_the_source(
    household: SimulatedHousehold, hass: HomeAssistant, players: list[str]
) -> None:
    await household.user(1, "airplay")
    await until(lambda: now(hass, players[0]).attributes.get("source") == "AirPlay")
    await household.user(1, "spotify_connect")
    await until(lambda: now(hass, players[0]).attributes.get("source") == "Spotify Connect")


async def test_television(hass: HomeAssistant, loopback_sockets: None, soco_clean: None) -> None:
    with SimulatedHousehold(speakers=2, models="arc,one") as household:
        entry = MockConfigEntry(
            domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        registry = er.async_get(hass)
        soundbar, other = (
            registry.async_get_entity_id("media_player", DOMAIN, uid) or ""
            for uid in household.uids
        )
        assert sources(hass, soundbar)[0] == "TV"
        assert "TV" not in sources(hass, other)
        await household.demo(2)
        await act(hass, "join", other, group_members=[soundbar])
        await household.fault("error", action="Play", code=701)
        await act(hass, "select_source", soundbar, source="TV")
        await until(lambda: now(hass, soundbar).attributes.get("source") == "TV")
        await household.clear_faults()
        assert (await household.speaker(2))["transport"]["state"] == "PLAYING"
        await household.fault("error", action="Play", code=501)
        with pytest.raises(HomeAssistantError):
            await act(hass, "select_source", soundbar, source="TV")
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_volume_outside_the_range(hass: HomeAssistant, players: list[str]) -> None:
    """The schema of the action checks it; what goes around it is checked, too."""
    player = hass.data[DATA_COMPONENT].get_entity(players[0])
    assert player is not None
    for volume in (1.5, -0.1, float("nan")):
        with pytest.raises(ServiceValidationError) as caught:
            await player.async_set_volume_level(volume)
        assert caught.value.translation_key == "volume_out_of_range"


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
