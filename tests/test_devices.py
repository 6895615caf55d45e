"""The devices of speakers, as speakers are renamed, moved, bonded, sold and bought."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq import async_remove_config_entry_device
from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.sonos.conftest import until


def device(hass: HomeAssistant, entry: MockConfigEntry, uid: str) -> dr.DeviceEntry | None:
    return dr.async_get(hass).async_get_device_by_identifier((DOMAIN, uid), entry.entry_id)


def the_device(hass: HomeAssistant, entry: MockConfigEntry, uid: str) -> dr.DeviceEntry:
    found = device(hass, entry, uid)
    assert found is not None
    return found


def player(hass: HomeAssistant, uid: str) -> str | None:
    return er.async_get(hass).async_get_entity_id("media_player", DOMAIN, uid)


def is_there(hass: HomeAssistant, uid: str) -> bool:
    entity_id = player(hass, uid)
    state = hass.states.get(entity_id) if entity_id else None
    return state is not None and state.state != "unavailable"


async def test_a_renamed_room_renames_its_device(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    living_room, kitchen, _ = household.uids
    named = the_device(hass, entry, kitchen)
    dr.async_get(hass).async_update_device(named.id, name_by_user="Where we cook")
    await household.user(1, "rename", name="Parlour")
    await household.user(2, "rename", name="Larder")
    await until(lambda: the_device(hass, entry, living_room).name == "Parlour")
    await until(lambda: the_device(hass, entry, kitchen).name == "Larder")
    assert the_device(hass, entry, living_room).name_by_user is None
    assert the_device(hass, entry, kitchen).name_by_user == "Where we cook"
    entity_id = player(hass, living_room)
    assert entity_id
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.attributes["friendly_name"].startswith("Parlour")


async def test_a_device_follows_its_speaker_to_a_new_address(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    kitchen = household.uids[1]
    new = household.hosts[1].rpartition(".")[0] + ".79"
    await household.reboot(2, new_ip=new)
    await until(lambda: f"//{new}:" in str(the_device(hass, entry, kitchen).configuration_url), 5)
    await until(lambda: is_there(hass, kitchen), 5)


async def test_a_stereo_pair_is_one_device(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    living_room, _, office = household.uids
    entity_id = player(hass, office)
    assert entity_id
    er.async_get(hass).async_update_entity(entity_id, name="Desk")
    await household.bond(1, {"3": "RF"})
    await until(lambda: device(hass, entry, office) is None)
    assert player(hass, office) is None
    assert hass.states.get(entity_id) is None
    assert is_there(hass, living_room)
    # The room keeps its button
    assert hass.states.get("button.living_room_play_for_now")
    await household.unbond(1)
    await until(lambda: is_there(hass, office), 5)
    back = er.async_get(hass).async_get(entity_id)
    assert back is not None
    assert back.name == "Desk"


async def test_a_home_theatre_is_one_player(
    loopback_sockets: None, soco_clean: None, hass: HomeAssistant
) -> None:
    with SimulatedHousehold(
        speakers=4, models="arc,one,one,sub", bonds=["1=2:LR,3:RR,4:SW"]
    ) as theatre:
        entry = MockConfigEntry(
            domain=DOMAIN, unique_id=theatre.household_id, data={"host": theatre.hosts[0]}
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        assert list(entry.runtime_data.household.speakers) == theatre.uids[:1]
        await theatre.unbond(1)
        await until(lambda: is_there(hass, theatre.uids[1]), 5)
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_speaker_is_sold_and_bought_back(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    office = household.uids[2]
    await household.offline(3, reason="powered off")
    await until(lambda: not is_there(hass, office))
    sold = the_device(hass, entry, office)
    assert await async_remove_config_entry_device(hass, entry, sold)
    dr.async_get(hass).async_remove_device(sold.id)
    await hass.async_block_till_done()
    assert player(hass, office) is None
    assert office not in entry.runtime_data.household.speakers

    await household.online(3)
    await until(lambda: is_there(hass, office), 5)
    assert device(hass, entry, office)

    # Without it, the entry forgets where it was
    await household.offline(3, reason="powered off")
    await until(lambda: not is_there(hass, office))
    assert await async_remove_config_entry_device(hass, entry, the_device(hass, entry, office))
    assert await hass.config_entries.async_unload(entry.entry_id)
    [stored] = [
        each["data"] for each in hass_storage.values() if household.uids[0] in each.get("data", {})
    ]
    assert office not in stored


@pytest.mark.parametrize("mode", ["refuse", "hang"])
async def test_a_speaker_that_only_does_not_answer_stays(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, mode: str
) -> None:
    kitchen = household.uids[1]
    await household.offline(2, mode=mode)
    kept = the_device(hass, entry, kitchen)
    assert not await async_remove_config_entry_device(hass, entry, kept)
    assert kitchen in entry.runtime_data.household.speakers
