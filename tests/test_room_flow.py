"""The flow that sets up a room, in every branch."""

from contextlib import suppress
import sqlite3
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigSubentry,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.const import DOMAIN
from custom_components.rhythmiq.engine import VARIABLES
from custom_components.rhythmiq.engine.rewards import Kind
from custom_components.rhythmiq.interactions import Interaction, Interactions
from custom_components.rhythmiq.library import LIBRARY
from custom_components.rhythmiq.moment.variables import OF_ROOMS
from custom_components.rhythmiq.store import StoreError
from tests import flows
from tests.flows import TRANSLATIONS, fields, options, suggested
from tests.household import SimulatedHousehold

TEXTS = TRANSLATIONS["config_subentries"]["room"]
OFFICE = 2  # the speaker without a room


def assert_form(
    result: SubentryFlowResult, step: str, errors: dict[str, str] | None = None
) -> None:
    flows.assert_form(result, step, errors, texts=TEXTS)


def assert_abort(result: SubentryFlowResult, reason: str) -> None:
    flows.assert_abort(result, reason, texts=TEXTS)


async def start(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "room"), context={"source": SOURCE_USER}
    )


async def answer(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)
    await hass.async_block_till_done()
    return result


async def choose_office(
    hass: HomeAssistant, entry: MockConfigEntry, household: SimulatedHousehold
) -> SubentryFlowResult:
    result = await start(hass, entry)
    assert_form(result, "user")
    assert options(result, "speaker") == [{"value": household.uids[OFFICE], "label": "Office"}]
    result = await answer(hass, result, {"speaker": household.uids[OFFICE]})
    assert_form(result, "variables")
    return result


def room_of(entry: MockConfigEntry, uid: str) -> ConfigSubentry:
    rooms: dict[str | None, ConfigSubentry] = {
        room.unique_id: room for room in entry.subentries.values()
    }
    return rooms[uid]


def registry_id(hass: HomeAssistant, entity_id: str) -> str:
    entry = er.async_get(hass).async_get(entity_id)
    assert entry is not None
    return entry.id


@pytest.fixture
def office(hass: HomeAssistant) -> str:
    """Return an area named like the speaker, with a thermometer in it."""
    area_id = ar.async_get(hass).async_get_or_create("Office").id
    registry = er.async_get(hass)
    registry.async_get_or_create(
        "sensor", "test", "warm", suggested_object_id="warm", original_name="Warm"
    )
    registry.async_update_entity("sensor.warm", area_id=area_id)
    hass.states.async_set("sensor.warm", "70", {"unit_of_measurement": "°F"})
    return area_id


async def test_a_room_with_what_was_switched_on(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, office: str
) -> None:
    result = await choose_office(hass, entry, household)
    assert options(result, "variables") == list(OF_ROOMS)
    assert suggested(result) == {"area_id": office, "variables": []}

    switched_on = ["indoor_temperature", "time_of_day", "noise_level", "day_type", "weather"]
    result = await answer(hass, result, {"area_id": office, "variables": switched_on})
    assert_form(result, "sensors")
    assert fields(result) == {"indoor_temperature", "noise_level", "day_type", "weather"}
    assert suggested(result) == {"indoor_temperature": "sensor.warm"}

    result = await answer(
        hass, result, {"indoor_temperature": "sensor.warm", "noise_level": "sensor.noise"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    room = room_of(entry, household.uids[OFFICE])
    assert room.title == "Office"
    assert room.data == {
        "speaker": household.uids[OFFICE],
        "area_id": office,
        "bindings": {
            "indoor_temperature": registry_id(hass, "sensor.warm"),
            "time_of_day": None,
            "noise_level": "sensor.noise",
            "day_type": None,
        },
    }


async def test_nothing_is_switched_on_by_default(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await choose_office(hass, entry, household)
    assert suggested(result)["variables"] == []
    result = await answer(hass, result, {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert room_of(entry, household.uids[OFFICE]).data == {
        "speaker": household.uids[OFFICE],
        "area_id": None,
        "bindings": {},
    }


async def test_the_clock_needs_no_sensor(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await choose_office(hass, entry, household)
    result = await answer(hass, result, {"variables": ["time_of_day"]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    room = room_of(entry, household.uids[OFFICE])
    assert room.data["bindings"] == {"time_of_day": None}


async def test_the_room_is_named_by_its_area(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    attic = ar.async_get(hass).async_create("Attic").id
    result = await choose_office(hass, entry, household)
    await answer(hass, result, {"area_id": attic, "variables": []})
    assert room_of(entry, household.uids[OFFICE]).title == "Attic"


async def test_the_area_of_cores_device_is_suggested(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, office: str
) -> None:
    core = MockConfigEntry(domain="sonos")
    core.add_to_hass(hass)
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=core.entry_id, identifiers={("sonos", household.uids[OFFICE])}
    )
    attic = ar.async_get(hass).async_create("Attic").id
    devices.async_update_device(device.id, area_id=attic)
    result = await choose_office(hass, entry, household)
    assert suggested(result)["area_id"] == attic


async def test_the_area_of_the_speakers_name_is_suggested(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, office: str
) -> None:
    devices = dr.async_get(hass)
    for device in devices.async_get_devices(identifiers={(DOMAIN, household.uids[OFFICE])}):
        devices.async_update_device(device.id, area_id=None)
    assert suggested(await choose_office(hass, entry, household))["area_id"] == office

    ar.async_get(hass).async_delete(office)
    assert "area_id" not in suggested(await choose_office(hass, entry, household))


async def test_entities_that_cannot_tell(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.states.async_set("sensor.percent", "3", {"unit_of_measurement": "%"})
    hass.states.async_set("binary_sensor.door", "on", {"device_class": "door"})
    chosen = ["noise_level", "illuminance", "occupancy"]
    result = await choose_office(hass, entry, household)
    result = await answer(hass, result, {"variables": chosen})
    wrong = {
        "noise_level": "sensor.percent",
        "illuminance": "sensor.gone",
        "occupancy": "binary_sensor.door",
    }
    result = await answer(hass, result, wrong)
    assert_form(
        result,
        "sensors",
        {
            "noise_level": "wrong_unit",
            "illuminance": "entity_not_found",
            "occupancy": "wrong_entity",
        },
    )
    assert suggested(result) == wrong

    result = await answer(hass, result, {"noise_level": "sensor.noise"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    room = room_of(entry, household.uids[OFFICE])
    assert room.data["bindings"] == {"noise_level": "sensor.noise"}


async def test_a_speaker_of_nobody_is_refused(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await start(hass, entry)
    with pytest.raises(InvalidData):
        await answer(hass, result, {"speaker": household.uids[0]})


async def test_no_speaker_is_left(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    await answer(hass, await choose_office(hass, entry, household), {})
    assert_abort(await start(hass, entry), "no_speaker_left")


async def test_the_household_is_not_loaded(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert_abort(await start(hass, entry), "not_loaded")


async def test_two_people_at_once(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_remove_subentry(entry, room_of(entry, household.uids[1]).subentry_id)
    await hass.async_block_till_done()
    kitchen = {"speaker": household.uids[1]}
    late = await answer(hass, await start(hass, entry), kitchen)
    later = await start(hass, entry)
    await answer(hass, await answer(hass, await start(hass, entry), kitchen), {})
    assert_abort(await answer(hass, late, {}), "already_configured")
    assert_abort(await answer(hass, later, kitchen), "already_configured")


# -- changing it ----------------------------------------------------------------------------------


async def test_revoking_a_variable(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, office: str
) -> None:
    room = room_of(entry, household.uids[0])
    assert room.data["bindings"] == {"noise_level": "sensor.noise", "time_of_day": None}

    result = await entry.start_subentry_reconfigure_flow(hass, room.subentry_id)
    assert_form(result, "variables")
    assert suggested(result) == {"variables": ["noise_level", "time_of_day"]}
    result = await answer(hass, result, {"area_id": office, "variables": ["time_of_day"]})
    assert_form(result, "forget")
    assert result["description_placeholders"] == {"variables": "Noise level"}
    assert room_of(entry, household.uids[0]).data["bindings"] == {"time_of_day": None}
    assert_abort(await answer(hass, result, {}), "reconfigure_successful")
    assert room_of(entry, household.uids[0]).data == {
        "speaker": household.uids[0],
        "area_id": office,
        "bindings": {"time_of_day": None},
    }


@pytest.mark.parametrize(("forget", "left"), [(True, []), (False, ["noise_level"])])
async def test_what_a_revoked_variable_left_may_go(
    household: SimulatedHousehold,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    forget: bool,
    left: list[str],
) -> None:
    room = room_of(entry, household.uids[0])
    moment = {"noise_level": 41.5, "time_of_day": 12.0}
    rows = [
        Interaction(happened=1e9, kind=Kind.STARTED, room=where, context=moment)
        for where in (room.subentry_id, "another room")
    ]
    interactions = Interactions(hass.data[LIBRARY].store)
    await hass.async_add_executor_job(interactions.append, rows, 1e9)
    result = await entry.start_subentry_reconfigure_flow(hass, room.subentry_id)
    result = await answer(hass, result, {"variables": ["time_of_day"]})
    assert_abort(await answer(hass, result, {"forget": forget}), "reconfigure_successful")
    (block,) = await hass.async_add_executor_job(lambda: list(interactions.blocks()))
    assert sorted(block.context[0]) == [*left, "time_of_day"]
    assert sorted(block.context[1]) == ["noise_level", "time_of_day"]


async def test_what_waits_to_be_stored_goes_too(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    room = room_of(entry, household.uids[0])
    result = await entry.start_subentry_reconfigure_flow(hass, room.subentry_id)
    result = await answer(hass, result, {"variables": []})
    record, store = entry.runtime_data.recommender.record, hass.data[LIBRARY].store
    rename = "ALTER TABLE {} RENAME TO {}".format
    await hass.async_add_executor_job(
        store.write, lambda connection: connection.execute(rename("interactions", "hidden"))
    )
    moment = {"noise_level": 41.5}
    record.add(Interaction(happened=1e9, kind=Kind.STARTED, room=room.subentry_id, context=moment))
    await record.flush()
    assert record.waiting == 1
    await hass.async_add_executor_job(
        store.write, lambda connection: connection.execute(rename("hidden", "interactions"))
    )
    assert_abort(await answer(hass, result, {"forget": True}), "reconfigure_successful")
    interactions = Interactions(hass.data[LIBRARY].store)
    (block,) = await hass.async_add_executor_job(lambda: list(interactions.blocks()))
    assert block.context == [{}]


async def test_what_cannot_be_deleted_is_said(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    room = room_of(entry, household.uids[0])
    result = await entry.start_subentry_reconfigure_flow(hass, room.subentry_id)
    result = await answer(hass, result, {"variables": []})
    store = hass.data[LIBRARY].store

    def refuse(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE models RENAME TO hidden")

    def allow(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE hidden RENAME TO models")

    await hass.async_add_executor_job(store.write, refuse)
    with suppress(StoreError):
        result = await answer(hass, result, {"forget": True})
    assert_form(result, "forget", {"base": "store_failed"})
    await hass.async_add_executor_job(store.write, allow)
    assert_abort(await answer(hass, result, {"forget": True}), "reconfigure_successful")


async def test_what_was_bound_is_suggested_first(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry, office: str
) -> None:
    room = room_of(entry, household.uids[0])
    result = await entry.start_subentry_reconfigure_flow(hass, room.subentry_id)
    chosen = ["noise_level", "indoor_temperature"]
    result = await answer(hass, result, {"area_id": office, "variables": chosen})
    assert_form(result, "sensors")
    bound = {"noise_level": "sensor.noise", "indoor_temperature": "sensor.warm"}
    assert suggested(result) == bound
    result = await answer(hass, result, bound)
    assert_form(result, "forget")
    assert_abort(await answer(hass, result, {}), "reconfigure_successful")
    after = room_of(entry, household.uids[0])
    assert after.title == room.title

    er.async_get(hass).async_update_entity("sensor.warm", new_entity_id="sensor.cosy")
    result = await entry.start_subentry_reconfigure_flow(hass, room.subentry_id)
    result = await answer(hass, result, {"area_id": office, "variables": chosen})
    assert suggested(result) == bound | {"indoor_temperature": "sensor.cosy"}


async def test_a_room_changes_while_its_speakers_are_off(
    household: SimulatedHousehold, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_unload(entry.entry_id)
    room = room_of(entry, household.uids[0])
    result = await entry.start_subentry_reconfigure_flow(hass, room.subentry_id)
    assert_abort(await answer(hass, result, {}), "reconfigure_successful")
    assert room_of(entry, household.uids[0]).data["bindings"] == {}


def test_every_variable_is_explained() -> None:
    assert TRANSLATIONS["selector"]["variables"]["options"].keys() == VARIABLES.keys()
    assert TEXTS["entry_type"]
    assert TEXTS["initiate_flow"]["user"]
