"""The buttons of a room."""

from collections.abc import Mapping, Sequence
import json
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.rhythmiq.library import LIBRARY
from tests.household import SimulatedHousehold
from tests.people import add_listener

BUTTON = "button.living_room_play_for_now"
UP = "button.living_room_thumb_up"
DOWN = "button.living_room_thumb_down"


async def press(hass: HomeAssistant, button: str = BUTTON, user: MockUser | None = None) -> None:
    """Press a button, as a user or as an automation."""
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": button},
        blocking=True,
        context=Context(user_id=user.id if user else None),
    )


async def ratings(hass: HomeAssistant) -> Sequence[Mapping[str, Any]]:
    """Return the ratings that are stored."""
    rows = await hass.async_add_executor_job(
        hass.data[LIBRARY].store.read,
        lambda connection: connection.execute(
            "SELECT uri, reward, listeners FROM interactions WHERE kind = 'rated' ORDER BY id"
        ).fetchall(),
    )
    return [
        {"uri": uri, "reward": reward, "listeners": json.loads(listeners)}
        for uri, reward, listeners in rows
    ]


@pytest.mark.usefixtures("catalog")
async def test_press_plays(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await press(hass)
    await household.wait_playing(1)
    state = await household.wait_until(lambda state: len(state["queue"]["items"]) == 20, speaker=1)
    assert state["transport"]["source"] == "queue"


async def test_belongs_to_the_room(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entity = er.async_get(hass).async_get(BUTTON)
    assert entity is not None
    assert entity.config_subentry_id in entry.subentries
    assert entity.device_id is not None
    device = dr.async_get(hass).async_get(entity.device_id)
    assert isinstance(device, dr.DeviceEntry)
    assert device.entry_type is dr.DeviceEntryType.SERVICE


@pytest.mark.usefixtures("catalog")
async def test_speaker_off(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.offline(1)
    with pytest.raises(HomeAssistantError) as failed:
        await press(hass)
    assert failed.value.translation_key == "speaker_unreachable"


@pytest.mark.usefixtures("catalog")
async def test_thumbs_rate_what_plays(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_admin_user: MockUser,
) -> None:
    """Who presses rates for themselves, an automation for everybody at home."""
    ada = await add_listener(hass, entry, "Ada", user_id=hass_admin_user.id)
    ben = await add_listener(hass, entry, "Ben")
    await press(hass)
    speaker = entry.runtime_data.recommender.rooms.of_speaker(household.uids[0]).speaker
    await household.wait_until(lambda _: speaker.state.title is not None)

    await press(hass, UP)
    await press(hass, DOWN, user=hass_admin_user)
    both, hers = await ratings(hass)
    assert both == {
        "uri": hers["uri"],
        "reward": 1,
        "listeners": [ada.subentry_id, ben.subentry_id],
    }
    assert (hers["reward"], hers["listeners"]) == (0, [ada.subentry_id])


async def test_there_is_nothing_to_rate(
    hass: HomeAssistant, entry: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    with pytest.raises(HomeAssistantError) as refused:
        await press(hass, UP, user=hass_admin_user)
    assert refused.value.translation_key == "nothing_playing"
    assert await ratings(hass) == []


async def test_a_room_keeps_its_entities_while_it_changes(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Settings and names change around them; a new room has its own at once."""
    living_room = next(iter(entry.subentries.values()))
    hass.config_entries.async_update_subentry(
        entry, living_room, title="Parlour", data={**living_room.data, "bindings": {}}
    )
    office = ConfigSubentry(
        data=dict(living_room.data) | {"speaker": household.uids[2]},  # type: ignore[arg-type]
        subentry_type="room",
        title="Study",
        unique_id=household.uids[2],
    )
    hass.config_entries.async_add_subentry(entry, office)
    await hass.async_block_till_done()

    states = {state.entity_id: state for state in hass.states.async_all("button")}
    assert states[BUTTON].name == "Parlour Play for now"
    assert {"button.study_play_for_now", "button.study_thumb_up"} <= states.keys()
    room = entry.runtime_data.recommender.rooms.get(living_room.subentry_id)
    assert room.moment.read().values == {}

    hass.config_entries.async_remove_subentry(entry, office.subentry_id)
    await hass.async_block_till_done()
    assert not [each for each in hass.states.async_entity_ids("button") if "study" in each]


async def test_every_room_can_go(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    for subentry_id in list(entry.subentries):
        hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()
    assert hass.states.async_entity_ids("button") == []
