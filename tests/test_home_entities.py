"""The home's own entities: what it has and knows, and what was last recommended."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq import async_remove_config_entry_device
from custom_components.rhythmiq.const import DOMAIN, EVENT_REAIMED, EVENT_RECOMMENDED
from custom_components.rhythmiq.library import LIBRARY
from tests.people import add_listener

EVENT = "event.rhythmiq_last_recommendation"
CATALOG = "sensor.rhythmiq_catalog_size"
OUTCOMES = "sensor.rhythmiq_model_learned_from"
MADE = "sensor.rhythmiq_model_learns_since"
LIVING_ROOM = "media_player.living_room_living_room"


def state(hass: HomeAssistant, entity_id: str) -> State:
    """Return the state of an entity that is there."""
    found = hass.states.get(entity_id)
    assert found is not None, entity_id
    return found


async def recommend(hass: HomeAssistant, **fields: Any) -> None:
    await hass.services.async_call(
        DOMAIN, "recommend_playlist", {"entity_id": LIVING_ROOM, **fields}, blocking=True
    )
    await hass.async_block_till_done()


async def asked_again(hass: HomeAssistant) -> None:
    """Ask the library again."""
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": [CATALOG, OUTCOMES, MADE]}, blocking=True
    )


@pytest.mark.usefixtures("catalog")
async def test_the_last_recommendation(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert state(hass, EVENT).state == "unknown"
    await add_listener(hass, entry, "Ada")
    await recommend(hass, mood="focus", count=5)
    told = dict(state(hass, EVENT).attributes)
    assert len(told.pop("id")) == 26
    assert "Mood" in told.pop("reasons")
    assert told == {
        "event_types": ["recommended", "fallback", "re_aimed"],
        "event_type": "recommended",
        "rooms": ["Living Room"],
        "mood": "focus",
        "engine": "local",
        "fallback": None,
        "listeners": ["Ada"],
        "tracks": 5,
        "friendly_name": "RhythmIQ Last recommendation",
    }


@pytest.mark.usefixtures("catalog")
async def test_a_recommendation_that_the_cloud_did_not_make(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(
        entry,
        data={**entry.data, "cloud_url": "http://127.0.0.1:9", "cloud_token": "rq1_home_secret"},
    )
    await hass.async_block_till_done()
    await recommend(hass)
    told = state(hass, EVENT).attributes
    assert told["event_type"] == "fallback"
    assert told["fallback"] == "cloud_unavailable"


async def test_a_list_that_was_re_aimed(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    room = next(iter(entry.subentries))
    hass.bus.async_fire(
        EVENT_REAIMED,
        {
            "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "room": room,
            "name": "Living Room",
            "reason": "noise_level",
            "text": "The room got louder",
            "tracks": 11,
        },
    )
    await hass.async_block_till_done()
    told = state(hass, EVENT).attributes
    assert told["event_type"] == "re_aimed"
    assert told["rooms"] == ["Living Room"]
    assert told["reasons"] == ["The room got louder"]
    assert told["tracks"] == 11


@pytest.mark.usefixtures("entry")
async def test_other_households_are_none_of_its_business(hass: HomeAssistant) -> None:
    hass.bus.async_fire(EVENT_RECOMMENDED, {"rooms": ["somewhere else"]})
    hass.bus.async_fire(EVENT_REAIMED, {"room": "somewhere else"})
    await hass.async_block_till_done()
    assert state(hass, EVENT).state == "unknown"


@pytest.mark.usefixtures("all_enabled", "catalog")
async def test_what_the_home_has_and_knows(hass: HomeAssistant) -> None:
    before = dt_util.utcnow()
    await asked_again(hass)
    assert state(hass, CATALOG).state == "300"
    assert state(hass, OUTCOMES).state == "0"
    track = f"spotify:track:{7:022d}"
    await hass.services.async_call(DOMAIN, "rate", {"track": track, "rating": 5}, blocking=True)
    await asked_again(hass)
    assert state(hass, OUTCOMES).state == "3"  # a rating counts for three
    made = dt_util.parse_datetime(state(hass, MADE).state)
    assert made is not None
    assert abs(made - before) < timedelta(minutes=1)
    for entity_id in (CATALOG, OUTCOMES):
        assert state(hass, entity_id).attributes["state_class"] == "measurement"


@pytest.mark.usefixtures("all_enabled")
async def test_a_library_that_cannot_be_read(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await asked_again(hass)
    assert state(hass, CATALOG).state == "0"
    store = hass.data[LIBRARY].store
    await hass.async_add_executor_job(
        store.write, lambda connection: connection.execute("ALTER TABLE tracks RENAME TO elsewhere")
    )
    await asked_again(hass)
    assert state(hass, CATALOG).state == "unavailable"
    await hass.async_add_executor_job(
        store.write, lambda connection: connection.execute("ALTER TABLE elsewhere RENAME TO tracks")
    )
    await asked_again(hass)
    assert state(hass, CATALOG).state == "0"


async def test_diagnostic_ones_are_off_and_belong_to_a_device_that_stays(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    for entity_id in (CATALOG, OUTCOMES, MADE):
        entity = registry.async_get(entity_id)
        assert entity is not None
        assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        assert entity.entity_category == "diagnostic"
    devices = dr.async_get(hass)
    for identifier in (entry.entry_id, *entry.subentries):
        device = devices.async_get_device_by_identifier((DOMAIN, identifier), entry.entry_id)
        assert isinstance(device, dr.DeviceEntry)
        assert device.entry_type is dr.DeviceEntryType.SERVICE
        assert not await async_remove_config_entry_device(hass, entry, device)
