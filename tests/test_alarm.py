"""Alarms as switches, and the actions that make, change and delete them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from tests.household import SimulatedHousehold
from tests.sonos.conftest import until

LIVING_ROOM = "media_player.living_room_living_room"
KITCHEN = "media_player.kitchen_kitchen"


@pytest.fixture
async def home(
    household: SimulatedHousehold, hass: HomeAssistant
) -> AsyncIterator[MockConfigEntry]:
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)


def alarms(hass: HomeAssistant) -> dict[str, State]:
    """Return the switches of alarms by the alarm's id."""
    return {
        state.attributes["alarm_id"]: state
        for state in hass.states.async_all("switch")
        if "alarm_id" in state.attributes
    }


async def act(hass: HomeAssistant, action: str, **data: Any) -> None:
    await hass.services.async_call(DOMAIN, action, data, blocking=True)
    await hass.async_block_till_done()


async def create(hass: HomeAssistant, player: str, **data: Any) -> str:
    answer = await hass.services.async_call(
        DOMAIN, "create_alarm", {"entity_id": player, **data}, blocking=True, return_response=True
    )
    await hass.async_block_till_done()
    assert answer is not None
    return str(answer["alarm_id"])


@pytest.mark.usefixtures("home")
async def test_an_alarm_is_a_switch(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    [state] = alarms(hass).values()
    assert state.state == "on"
    assert state.name == "Living Room Alarm 07:00"
    attributes = dict(state.attributes)
    del attributes["friendly_name"]
    assert attributes == {
        "alarm_id": "1",
        "time": "07:00:00",
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "recurrence": "weekdays",
        "room": "Living Room",
        "volume": 0.25,
        "duration": 3600,
        "include_group": False,
        "program": "chime",
    }
    target = {"entity_id": state.entity_id}
    await hass.services.async_call("switch", "turn_off", target, blocking=True)
    assert alarms(hass)["1"].state == "off"
    [call] = await household.calls(action="UpdateAlarm")
    assert (call["args"]["Enabled"], call["args"]["Recurrence"]) == ("0", "WEEKDAYS")
    await hass.services.async_call("switch", "turn_on", target, blocking=True)
    assert alarms(hass)["1"].state == "on"


@pytest.mark.usefixtures("home")
async def test_alarms_appear_change_and_go(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    alarm_id = await create(hass, KITCHEN, time="06:30", days=["sat", "sun"], volume=0.1)
    state = alarms(hass)[alarm_id]
    assert state.name == "Kitchen Alarm 06:30"
    assert (state.attributes["recurrence"], state.attributes["volume"]) == ("weekends", 0.1)
    await act(
        hass,
        "update_alarm",
        alarm_id=alarm_id,
        time="08:00:30",
        days=["wed"],
        volume=0.3,
        duration="00:20:00",
        enabled=False,
        include_group=True,
    )
    changed = alarms(hass)[alarm_id]
    assert changed.entity_id == state.entity_id
    assert changed.name == "Kitchen Alarm 08:00"
    assert changed.state == "off"
    assert changed.attributes["days"] == ["wed"]
    assert changed.attributes["recurrence"] == "on_3"
    assert changed.attributes["duration"] == 1200
    assert changed.attributes["include_group"] is True
    await act(hass, "update_alarm", alarm_id=alarm_id, days=[])
    assert alarms(hass)[alarm_id].attributes["recurrence"] == "once"
    await act(hass, "delete_alarm", alarm_id=alarm_id, entity_id=KITCHEN)
    assert list(alarms(hass)) == ["1"]
    assert er.async_get(hass).async_get(state.entity_id) is None


async def test_an_alarm_that_moves_to_another_room(
    household: SimulatedHousehold, hass: HomeAssistant, home: MockConfigEntry
) -> None:
    clock = home.runtime_data.household.alarms
    alarm = await clock.find("1")
    await clock.update(replace(alarm, room=household.uids[1]))
    await hass.async_block_till_done()
    entity = er.async_get(hass).async_get(alarms(hass)["1"].entity_id)
    assert entity is not None
    assert entity.device_id is not None
    device = dr.async_get(hass).async_get(entity.device_id)
    assert isinstance(device, dr.DeviceEntry)
    assert device.name == "Kitchen"
    await clock.update(replace(alarm, room=household.uids[2], enabled=False))
    await hass.async_block_till_done()
    assert alarms(hass)["1"].attributes["room"] == "Office"


async def test_an_alarm_deleted_while_nobody_looked(
    household: SimulatedHousehold, hass: HomeAssistant, home: MockConfigEntry
) -> None:
    clock = home.runtime_data.household.alarms
    entity_id = alarms(hass)["1"].entity_id
    assert await hass.config_entries.async_unload(home.entry_id)
    await clock.delete("1")
    assert er.async_get(hass).async_get(entity_id) is not None
    assert await hass.config_entries.async_setup(home.entry_id)
    assert er.async_get(hass).async_get(entity_id) is None


async def test_alarms_that_cannot_be_read_at_first(
    household: SimulatedHousehold, hass: HomeAssistant
) -> None:
    await household.fault("error", action="ListAlarms", code=501, count=1)
    entry = MockConfigEntry(
        domain=DOMAIN, data={"host": household.hosts[0]}, unique_id=household.household_id
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: len(alarms(hass)) == 1)
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("create_alarm", {"time": "25:00"}, "alarm_time_invalid"),
        ("create_alarm", {"time": "07:00", "volume": 1.5}, "volume_out_of_range"),
        ("create_alarm", {"time": "07:00", "days": ["someday"]}, "alarm_day_invalid"),
        ("create_alarm", {"time": "07:00", "duration": 0}, "alarm_duration_out_of_range"),
        ("create_alarm", {"time": "07:00", "entity_id": []}, "one_room"),
        ("create_alarm", {"time": "07:00", "entity_id": [LIVING_ROOM, KITCHEN]}, "one_room"),
        (
            "create_alarm",
            {"time": "07:00", "days": ["mon", "tue", "wed", "thu", "fri"]},
            "alarm_exists",
        ),
        ("update_alarm", {"alarm_id": "99"}, "unknown_alarm"),
        ("delete_alarm", {"alarm_id": "99"}, "unknown_alarm"),
    ],
)
async def test_what_is_not_possible(
    hass: HomeAssistant, action: str, data: dict[str, Any], key: str
) -> None:
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, action, **{"entity_id": LIVING_ROOM, **data})
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, key)
    assert "{" not in str(caught.value)
    assert list(alarms(hass)) == ["1"]


@pytest.mark.usefixtures("home")
async def test_a_refusal_is_translated(household: SimulatedHousehold, hass: HomeAssistant) -> None:
    await household.fault("error", action="UpdateAlarm", code=501)
    for turn in ("turn_on", "turn_off"):
        with pytest.raises(HomeAssistantError) as caught:
            await hass.services.async_call(
                "switch", turn, {"entity_id": alarms(hass)["1"].entity_id}, blocking=True
            )
        assert caught.value.translation_key == "speaker_refused"


@pytest.mark.usefixtures("home")
async def test_of_two_households_one_has_to_be_named(hass: HomeAssistant) -> None:
    with SimulatedHousehold(speakers=1, names="Summer House") as other:
        entry = MockConfigEntry(
            domain=DOMAIN, data={"host": other.hosts[0]}, unique_id=other.household_id
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        with pytest.raises(ServiceValidationError) as caught:
            await act(hass, "update_alarm", alarm_id="1", enabled=False)
        assert caught.value.translation_key == "one_household"
        await act(hass, "update_alarm", alarm_id="1", enabled=False, entity_id=KITCHEN)
        states = [state for state in hass.states.async_all("switch") if state.state == "off"]
        assert [state.attributes["room"] for state in states] == ["Living Room"]
        assert await hass.config_entries.async_unload(entry.entry_id)
