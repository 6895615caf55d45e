"""Beside core's own `sonos`, in one Home Assistant, on one household."""

import asyncio
from functools import partial
from pathlib import Path

from homeassistant.components.homeassistant.exposed_entities import (
    async_expose_entity,
    async_should_expose,
)
from homeassistant.config_entries import ConfigEntryDisabler, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from soco import config, events_asyncio

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.sonos.household import Household
from custom_components.rhythmiq.sonos.speaker import Speaker
from custom_components.rhythmiq.sonos.state import Repeat
from tests.household import SimulatedHousehold

from .conftest import until

OURS = {"AVTransport", "RenderingControl", "ZoneGroupTopology"}
CORES = OURS | {"AlarmClock", "ContentDirectory", "DeviceProperties"}


@pytest.fixture(params=[False, True], ids=["replacing", "keeping"])
async def callbacks(request: pytest.FixtureRequest, household: SimulatedHousehold) -> None:
    """Let players keep one subscription per callback, as reported, or all of them."""
    await household.settings(replace_same_callback=not request.param)


@pytest.fixture(autouse=True)
def listener_grace(soco_clean: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give SoCo's listener time to be wanted again: it leaks when it is while it stops."""
    monkeypatch.setattr(events_asyncio.event_listener, "_stop_grace_seconds", 0.5)


async def set_up_ours(hass: HomeAssistant, household: SimulatedHousehold) -> MockConfigEntry:
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    return entry


async def set_up_core(
    hass: HomeAssistant, household: SimulatedHousehold, speakers: int = 3
) -> MockConfigEntry:
    core = MockConfigEntry(domain="sonos", unique_id="sonos")
    core.add_to_hass(hass)
    manual = {"hosts": household.hosts[:speakers], "interface_addr": "127.0.0.1"}
    assert await async_setup_component(hass, "sonos", {"sonos": {"media_player": manual}})
    await until(lambda: all(player(hass, "sonos", uid) for uid in household.uids[:speakers]), 10)
    return core


def player(hass: HomeAssistant, platform: str, uid: str) -> str:
    """Return the entity id of a platform's available player, empty while there is none."""
    entity_id = er.async_get(hass).async_get_entity_id("media_player", platform, uid)
    state = hass.states.get(entity_id) if entity_id else None
    return entity_id or "" if state is not None and state.state != "unavailable" else ""


def device(hass: HomeAssistant, entity_id: str) -> str | None:
    entity = er.async_get(hass).async_get(entity_id)
    assert entity is not None
    return entity.device_id


async def until_subscribed(household: SimulatedHousehold, services: set[str]) -> None:
    """Wait until every player has exactly one subscription per service.

    Of our own there are two more, for the alarms and the favourites of the household.
    """
    expected = sorted((name, service) for name in household.names for service in services)
    async with asyncio.timeout(10):
        while True:
            live = [(each["speaker"], each["service"]) for each in await household.subscriptions()]
            shared = [each for each in live if each[1] in ("AlarmClock", "ContentDirectory")]
            if services == OURS and len({service for _, service in shared}) == len(shared) == 2:
                live = [each for each in live if each not in shared]
            if sorted(live) == expected:
                return
            await asyncio.sleep(0.05)


async def follows(
    hass: HomeAssistant, household: SimulatedHousehold, volume: int, *platforms: str
) -> None:
    """Turn the second speaker to a volume; wait until our speaker and the players show it."""
    await household.user(2, "volume", volume=volume)
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        kitchen = entry.runtime_data.household.speakers[household.uids[1]]
        await until(partial(tells, kitchen, volume / 100), 5)
    for platform in platforms:
        await until(
            partial(shows, hass, player(hass, platform, household.uids[1]), volume / 100), 5
        )


def tells(speaker: Speaker, volume: float) -> bool:
    return speaker.available and speaker.state.volume == volume


def shows(hass: HomeAssistant, entity_id: str, volume: float) -> bool:
    state = hass.states.get(entity_id)
    return state is not None and state.attributes.get("volume_level") == volume


async def test_core_takes_the_warning_about_events_along(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.fault("drop", action="NOTIFY")
    await set_up_ours(hass, household)
    issues = ir.async_get(hass).issues
    assert [domain for domain, _ in issues] == [DOMAIN]
    await set_up_core(hass, household)
    assert not [issue for domain, issue in issues if domain == DOMAIN]


@pytest.mark.usefixtures("callbacks")
async def test_core_comes_and_goes_while_we_run(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    entry = await set_up_ours(hass, household)
    ours: Household = entry.runtime_data.household
    await follows(hass, household, 31, DOMAIN)
    own = device(hass, player(hass, DOMAIN, household.uids[1]))
    timeout = config.REQUEST_TIMEOUT

    core = await set_up_core(hass, household)
    await until_subscribed(household, CORES)
    await follows(hass, household, 32, DOMAIN, "sonos")
    our_player, core_player = (player(hass, each, household.uids[1]) for each in (DOMAIN, "sonos"))
    assert ours.speakers[household.uids[1]].core_entity_id == core_player
    assert ours.speakers[household.uids[1]].followed_by == "core"
    assert device(hass, our_player) == device(hass, core_player)
    assert own is not None
    assert dr.async_get(hass).async_get(own) is None
    assert config.REQUEST_TIMEOUT == 9.5 != timeout

    # Commands go by SoCo, the state comes back through core
    await household.clear_calls()
    await hass.services.async_call(
        "media_player", "volume_set", {"entity_id": our_player, "volume_level": 0.4}, blocking=True
    )
    assert [call["action"] for call in await household.calls()] == ["SetVolume"]
    await until(lambda: ours.speakers[household.uids[1]].state.volume == 0.4, 5)
    await household.demo(1)
    living_room = player(hass, DOMAIN, household.uids[0])
    await until(lambda: hass.states.get(living_room).state == "playing", 5)  # type: ignore[union-attr]
    state = hass.states.get(living_room)
    theirs = hass.states.get(player(hass, "sonos", household.uids[0]))
    assert state is not None
    assert theirs is not None
    for name in ("media_title", "media_artist", "media_album_name", "media_content_id"):
        assert state.attributes[name] == theirs.attributes[name]
    assert state.attributes["entity_picture"] == theirs.attributes["entity_picture"]
    assert state.attributes["queue_position"] == 1
    await household.user(1, "play_mode", mode="SHUFFLE_NOREPEAT")
    await until(lambda: ours.speakers[household.uids[0]].state.shuffle is True, 5)
    assert ours.speakers[household.uids[0]].state.repeat is Repeat.OFF

    await household.topology([["1", "2"]])
    await until(
        lambda: ours.speakers[household.uids[1]].coordinator is ours.speakers[household.uids[0]], 5
    )
    await until(lambda: hass.states.get(our_player).state == "playing", 5)  # type: ignore[union-attr]

    assert await hass.config_entries.async_remove(core.entry_id)
    await until_subscribed(household, OURS)
    await follows(hass, household, 33, DOMAIN)
    assert events_asyncio.event_listener.is_running
    back = device(hass, our_player)
    assert back is not None
    registered = dr.async_get(hass).async_get(back)
    assert registered is not None
    assert registered.identifiers == {(DOMAIN, household.uids[1])}

    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await household.subscriptions() == []


@pytest.mark.usefixtures("callbacks")
async def test_core_is_there_first(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    core = await set_up_core(hass, household)
    await until_subscribed(household, CORES)
    entry = await set_up_ours(hass, household)
    await follows(hass, household, 41, "sonos")
    await until_subscribed(household, CORES)
    devices = dr.async_get(hass)
    for uid in household.uids:
        assert devices.async_get_device_by_identifier((DOMAIN, uid), entry.entry_id) is None
    assert not any(player(hass, DOMAIN, uid) for uid in household.uids)

    # Whoever wants our player beside core's finds it on core's device
    ours = registered(hass, household.uids[1])
    assert ours.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    er.async_get(hass).async_update_entity(ours.entity_id, disabled_by=None)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await follows(hass, household, 42, DOMAIN, "sonos")
    our_player, core_player = (player(hass, each, household.uids[1]) for each in (DOMAIN, "sonos"))
    assert device(hass, our_player) == device(hass, core_player)

    # Ours goes: core must not notice
    assert await hass.config_entries.async_unload(entry.entry_id)
    await until_subscribed(household, CORES)
    await follows(hass, household, 43, "sonos")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await follows(hass, household, 44, DOMAIN, "sonos")

    # Core is reloaded, disabled, enabled: ours goes on
    assert await hass.config_entries.async_reload(core.entry_id)
    await until(lambda: all(player(hass, "sonos", uid) for uid in household.uids), 10)
    await until_subscribed(household, CORES)
    await follows(hass, household, 45, DOMAIN, "sonos")
    assert not player(hass, DOMAIN, household.uids[0])
    await hass.config_entries.async_set_disabled_by(core.entry_id, ConfigEntryDisabler.USER)
    await until_subscribed(household, OURS)
    await follows(hass, household, 46, DOMAIN)
    await hass.config_entries.async_set_disabled_by(core.entry_id, None)
    await until(lambda: all(player(hass, "sonos", uid) for uid in household.uids), 10)
    await until_subscribed(household, CORES)
    await follows(hass, household, 47, DOMAIN, "sonos")


def registered(hass: HomeAssistant, uid: str) -> er.RegistryEntry:
    """Return what the registry holds about our player of a speaker."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("media_player", DOMAIN, uid)
    assert entity_id is not None
    entity = registry.async_get(entity_id)
    assert entity is not None
    return entity


def exposed(hass: HomeAssistant, uid: str) -> bool:
    return async_should_expose(hass, "conversation", registered(hass, uid).entity_id)


async def test_our_players_come_back_when_core_goes(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await async_setup_component(hass, "homeassistant", {})
    core = await set_up_core(hass, household)
    await set_up_ours(hass, household)
    living_room, kitchen, office = household.uids
    registry = er.async_get(hass)
    for uid in household.uids:
        assert registered(hass, uid).hidden_by is er.RegistryEntryHider.INTEGRATION
        assert not exposed(hass, uid)
    # Two rooms are left to a person's choice
    registry.async_update_entity(
        registered(hass, kitchen).entity_id, disabled_by=er.RegistryEntryDisabler.USER
    )
    async_expose_entity(hass, "conversation", registered(hass, office).entity_id, True)
    registry.async_update_entity(
        registered(hass, office).entity_id, hidden_by=er.RegistryEntryHider.USER
    )

    assert await hass.config_entries.async_remove(core.entry_id)
    await until(lambda: bool(player(hass, DOMAIN, living_room) and player(hass, DOMAIN, office)))
    assert registered(hass, living_room).hidden_by is None
    assert exposed(hass, living_room)
    assert registered(hass, kitchen).disabled_by is er.RegistryEntryDisabler.USER
    assert not player(hass, DOMAIN, kitchen)
    assert registered(hass, office).hidden_by is er.RegistryEntryHider.USER
    assert exposed(hass, office)
    await household.user(1, "volume", volume=48)
    await until(partial(shows, hass, player(hass, DOMAIN, living_room), 0.48))


async def test_our_players_step_aside_when_core_comes(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await async_setup_component(hass, "homeassistant", {})
    await set_up_ours(hass, household)
    living_room, kitchen, office = household.uids
    assert exposed(hass, living_room)
    async_expose_entity(hass, "conversation", registered(hass, kitchen).entity_id, False)
    er.async_get(hass).async_update_entity(
        registered(hass, office).entity_id, hidden_by=er.RegistryEntryHider.USER
    )
    core = await set_up_core(hass, household)
    await hass.async_block_till_done()
    for uid in household.uids:
        assert player(hass, DOMAIN, uid)  # people use it already
        assert registered(hass, uid).hidden
        assert not exposed(hass, uid)
    assert await hass.config_entries.async_remove(core.entry_id)
    await hass.async_block_till_done()
    assert [registered(hass, uid).hidden_by for uid in household.uids] == [
        None,
        None,
        er.RegistryEntryHider.USER,
    ]
    assert exposed(hass, living_room)
    assert not exposed(hass, kitchen)


async def test_what_changed_while_we_were_away_is_seen_at_the_start(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    core = await set_up_core(hass, household)
    entry = await set_up_ours(hass, household)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await hass.config_entries.async_remove(core.entry_id)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert all(player(hass, DOMAIN, uid) for uid in household.uids)


async def test_cores_player_is_renamed_and_disabled(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    entry = await set_up_ours(hass, household)
    kitchen = entry.runtime_data.household.speakers[household.uids[1]]
    await set_up_core(hass, household)
    await until_subscribed(household, CORES)
    registry = er.async_get(hass)
    core_player = player(hass, "sonos", household.uids[1])
    registry.async_update_entity(core_player, new_entity_id="media_player.renamed")
    await hass.async_block_till_done()
    await follows(hass, household, 51, DOMAIN, "sonos")
    assert kitchen.core_entity_id == "media_player.renamed"

    # Core still subscribes for its other entities, so ours asks instead
    registry.async_update_entity("media_player.renamed", disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    assert kitchen.core_entity_id is None
    await household.user(2, "volume", volume=52)
    await until(lambda: kitchen.state.volume == 0.52, 15)
    await until_subscribed(household, CORES)


async def test_an_outage_shows_through_core(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    entry = await set_up_ours(hass, household)
    kitchen = entry.runtime_data.household.speakers[household.uids[1]]
    await set_up_core(hass, household)
    await until_subscribed(household, CORES)
    await household.offline(2, reason="powered off")
    await until(lambda: not kitchen.available, 10)


async def test_a_state_that_core_never_tells_ends_nothing(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    """Anybody may set a state, in the developer tools for instance."""
    entry = await set_up_ours(hass, household)
    kitchen = entry.runtime_data.household.speakers[household.uids[1]]
    await set_up_core(hass, household)
    await follows(hass, household, 34, "sonos")
    hass.states.async_set(player(hass, "sonos", kitchen.uid), "unknown")
    kitchen.reconnect()
    await until(lambda: kitchen.state.volume is None)
    await follows(hass, household, 35, "sonos")


async def test_a_speaker_that_core_meets_is_met_by_us(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.offline(3)
    await asyncio.sleep(0.2)
    core = await set_up_core(hass, household, 2)
    entry = await set_up_ours(hass, household)
    ours: Household = entry.runtime_data.household
    assert len(ours.speakers) == 2
    await household.online(3)
    await asyncio.sleep(0.2)
    # Core needs up to a minute to find it; it would then do this
    er.async_get(hass).async_get_or_create(
        "media_player", "sonos", household.uids[2], config_entry=core
    )
    await until(lambda: len(ours.speakers) == 3, 5)
    # Core's player is not there yet, so ours asks
    await until(lambda: ours.speakers[household.uids[2]].available, 5)

    # Whoever answers tells who plays with whom
    living_room, kitchen, _ = ours.speakers.values()
    await household.fault("http", speaker="1", action="GetZoneGroupState", status=500)
    await household.topology([["2", "1"]])
    await until(lambda: living_room.coordinator is kitchen, 5)


async def test_a_room_whose_player_is_disabled_plays(
    household: SimulatedHousehold, hass: HomeAssistant, tracks_file: Path
) -> None:
    await async_setup_component(hass, "homeassistant", {})
    await set_up_core(hass, household)
    uid = household.uids[0]
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={"host": household.hosts[0]},
        unique_id=household.household_id,
        subentries_data=[
            ConfigSubentryData(
                subentry_type="room",
                title="Living Room",
                unique_id=uid,
                data={"speaker": uid, "area_id": None, "bindings": {"time_of_day": None}},
            )
        ],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert not player(hass, DOMAIN, uid)
    await hass.services.async_call(
        DOMAIN, "import_catalog", {"path": str(tracks_file)}, blocking=True
    )
    theirs = player(hass, "sonos", uid)
    await hass.services.async_call(
        DOMAIN, "recommend_playlist", {"entity_id": theirs, "count": 3}, blocking=True
    )
    await household.wait_playing(1)
    await household.wait_until(lambda state: state["queue"]["length"] == 3, speaker=1)
    await household.user(1, "clear_queue")
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.living_room_play_for_now"}, blocking=True
    )
    await household.wait_playing(1)
    # Core shows what we play
    await until(lambda: hass.states.get(theirs).state == "playing", 5)  # type: ignore[union-attr]
