"""Setting up and unloading a household."""

import asyncio
from pathlib import Path
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq import async_remove_config_entry_device
from custom_components.rhythmiq.const import DATABASE, DOMAIN
from custom_components.rhythmiq.library import LIBRARY
from custom_components.rhythmiq.store import StoreError
from tests.household import SimulatedHousehold


def household_entry(hass: HomeAssistant, household: SimulatedHousehold) -> MockConfigEntry:
    """Add the entry of a household without rooms."""
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=household.household_id, data={"host": household.hosts[0]}
    )
    entry.add_to_hass(hass)
    return entry


async def test_load_and_unload(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert hass.data[LIBRARY].users == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert LIBRARY not in hass.data


async def test_household_away(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.offline("*")
    entry = household_entry(hass, household)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "speaker_unreachable"
    assert LIBRARY not in hass.data


async def test_unreadable_database_is_left_alone(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    database = Path(hass.config.path(DATABASE))
    database.write_bytes(b"this is no database" * 100)
    entry = household_entry(hass, household)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert database.read_bytes().startswith(b"this is no database")


async def test_a_set_up_that_fails_half_way_leaves_nothing_running(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    entry = household_entry(hass, household)
    whole = dict(entry.data)
    hass.config_entries.async_update_entry(entry, data={**whole, "cloud_url": "http://127.0.0.1"})
    assert not await hass.config_entries.async_setup(entry.entry_id)  # there is no token
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert await household.subscriptions() == []
    assert LIBRARY not in hass.data

    hass.config_entries.async_update_entry(entry, data=whole)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert len(await household.subscriptions()) >= len(household.uids)


async def test_a_set_up_that_is_cancelled_leaves_nothing_running(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.fault("delay", action="GetZoneGroupState", ms=200)
    entry = household_entry(hass, household)
    setting_up = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    async with asyncio.timeout(5):
        while not await household.subscriptions():  # noqa: ASYNC110 (there is no event to wait for)
            await asyncio.sleep(0.01)
    setting_up.cancel()
    await asyncio.wait([setting_up])
    assert entry.state is not ConfigEntryState.LOADED
    assert await household.subscriptions() == []
    assert LIBRARY not in hass.data


async def test_a_changed_address_reloads(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    before = entry.runtime_data
    hass.config_entries.async_update_entry(entry, data={"host": household.hosts[1]})
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data is not before


@pytest.mark.usefixtures("catalog")
async def test_changed_rooms_leave_the_music_alone(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await household.settings(per_track_ms=40)
    button = {"entity_id": "button.living_room_play_for_now"}
    await hass.services.async_call("button", "press", button, blocking=True)
    before = entry.runtime_data
    room = ConfigSubentry(
        subentry_type="room",
        title="Office",
        unique_id=household.uids[2],
        data=MappingProxyType({"speaker": household.uids[2], "area_id": None, "bindings": {}}),
    )
    hass.config_entries.async_add_subentry(entry, room)
    await hass.async_block_till_done()
    assert hass.states.get("button.office_play_for_now") is not None
    assert hass.states.get(button["entity_id"]) is not None
    assert entry.runtime_data is before
    await household.wait_until(lambda state: len(state["queue"]["items"]) == 20, speaker=1)
    hass.config_entries.async_remove_subentry(entry, room.subentry_id)
    await hass.async_block_till_done()
    assert hass.states.get("button.office_play_for_now") is None


@pytest.mark.usefixtures("catalog")
async def test_two_households_share_the_library(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    with SimulatedHousehold(names="Attic,Cellar,Hall") as other:
        second = household_entry(hass, other)
        assert await hass.config_entries.async_setup(second.entry_id)
        assert hass.data[LIBRARY].users == 2
        await hass.config_entries.async_unload(entry.entry_id)
        response = await hass.services.async_call(
            DOMAIN, "recommend_playlist", {"play": False}, blocking=True, return_response=True
        )
        assert response
        await hass.config_entries.async_unload(second.entry_id)
        assert LIBRARY not in hass.data


@pytest.mark.usefixtures("entry")
async def test_empty_catalog(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await hass.services.async_call(
            DOMAIN,
            "recommend_playlist",
            {"entity_id": "media_player.living_room_living_room"},
            blocking=True,
        )
    assert refused.value.translation_key == "empty_catalog"


@pytest.mark.usefixtures("entry")
async def test_the_database_is_closed_when_home_assistant_stops(hass: HomeAssistant) -> None:
    store = hass.data[LIBRARY].store
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    with pytest.raises(StoreError) as closed:
        store.latest_recommendations(1)
    assert closed.value.key == "store_closed"


async def test_only_what_is_gone_can_be_removed(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    devices = dr.async_get(hass)
    sold = devices.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "RINCON_SOLD01400")}
    )
    assert await async_remove_config_entry_device(hass, entry, sold)
    for key in (household.uids[0], next(iter(entry.subentries))):
        kept = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, key), entry.entry_id)
        assert isinstance(kept, dr.DeviceEntry)
        assert not await async_remove_config_entry_device(hass, entry, kept)
    await hass.config_entries.async_unload(entry.entry_id)
    assert not await async_remove_config_entry_device(hass, entry, sold)


async def test_a_removed_household_leaves_no_addresses(
    hass: HomeAssistant, entry: MockConfigEntry, hass_storage: dict[str, Any]
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    assert [key for key in hass_storage if key.startswith(DOMAIN)]
    await hass.config_entries.async_remove(entry.entry_id)
    assert not [key for key in hass_storage if key.startswith(DOMAIN)]
