"""What a room lets RhythmIQ do by itself: nothing, unless it is filled in."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.household import SimulatedHousehold
from tests.test_room_flow import answer, assert_form, choose_office, room_of

HABITS = {
    "volume_minimum": 10,
    "volume_maximum": 35,
    "quiet_from": "22:00:00",
    "quiet_until": "06:30:00",
}


async def test_what_is_filled_in(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await choose_office(hass, entry, household)
    result = await answer(hass, result, {"variables": [], "habits": HABITS})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    room = room_of(entry, household.uids[2])
    assert room.data["volume"] == [10, 35]
    assert room.data["quiet"] == ["22:00:00", "06:30:00"]

    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "room"),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": room.subentry_id},
    )
    assert_form(result, "variables")
    shown = result["data_schema"]
    assert shown is not None
    (habits,) = (field for key, field in shown.schema.items() if key == "habits")
    assert {str(key): key.description["suggested_value"] for key in habits.schema.schema} == HABITS
    result = await answer(hass, result, {"variables": [], "habits": {"quiet_from": "23:00:00"}})
    assert_form(result, "variables", {"base": "quiet_hours_invalid"})
    result = await answer(hass, result, {"variables": []})
    assert result["type"] is FlowResultType.ABORT
    assert room_of(entry, household.uids[2]).data.keys() == {"speaker", "area_id", "bindings"}


@pytest.mark.parametrize(
    ("habits", "error"),
    [
        ({"volume_minimum": 10}, "volume_bounds_invalid"),
        ({"volume_maximum": 10}, "volume_bounds_invalid"),
        ({"volume_minimum": 30, "volume_maximum": 30}, "volume_bounds_invalid"),
        ({"volume_minimum": 50, "volume_maximum": 30}, "volume_bounds_invalid"),
        ({"quiet_until": "07:00:00"}, "quiet_hours_invalid"),
        ({"quiet_from": "07:00:00", "quiet_until": "07:00:00"}, "quiet_hours_invalid"),
    ],
)
async def test_halves_and_nothing(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    habits: dict[str, Any],
    error: str,
) -> None:
    result = await choose_office(hass, entry, household)
    result = await answer(hass, result, {"variables": [], "habits": habits})
    assert_form(result, "variables", {"base": error})
    result = await answer(hass, result, {"variables": [], "habits": HABITS})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "habits", [{"volume_minimum": 101}, {"volume_maximum": -1}, {"quiet_from": "25:00"}]
)
async def test_what_no_form_sends(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    habits: dict[str, Any],
) -> None:
    result = await choose_office(hass, entry, household)
    with pytest.raises(InvalidData):
        await answer(hass, result, {"variables": [], "habits": habits})
