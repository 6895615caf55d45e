"""Which entities the room's form proposes."""

from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.rhythmiq.moment.suggestions import suggest_entity
from custom_components.rhythmiq.moment.variables import SOURCES

CELSIUS = {"unit_of_measurement": "°C", "device_class": "temperature"}
DECIBEL = {"unit_of_measurement": "dB", "device_class": "sound_pressure"}


@pytest.fixture
def kitchen(hass: HomeAssistant) -> str:
    return ar.async_get(hass).async_create("Kitchen").id


def place(
    hass: HomeAssistant,
    entity_id: str,
    area_id: str | None,
    attributes: dict[str, str],
    *,
    platform: str = "test",
    device_id: str | None = None,
    category: EntityCategory | None = None,
) -> None:
    """Register an entity, put it into an area and give it a state."""
    domain, name = entity_id.split(".")
    registry = er.async_get(hass)
    entry = registry.async_get_or_create(
        domain,
        platform,
        name,
        original_name=name,
        suggested_object_id=name,
        device_id=device_id,
        entity_category=category,
    )
    assert entry.entity_id == entity_id
    registry.async_update_entity(entity_id, area_id=area_id)
    hass.states.async_set(entity_id, "1", attributes)


async def test_nothing_without_area(hass: HomeAssistant, kitchen: str) -> None:
    place(hass, "sensor.noise", kitchen, DECIBEL)
    assert [suggest_entity(hass, key, None) for key in SOURCES] == [None] * len(SOURCES)
    assert suggest_entity(hass, "noise_level", "no such area") is None


async def test_the_areas_own_sensors(hass: HomeAssistant, kitchen: str) -> None:
    place(hass, "sensor.a_chip", kitchen, CELSIUS, category=EntityCategory.DIAGNOSTIC)
    place(hass, "sensor.b_warm", kitchen, CELSIUS)
    place(hass, "sensor.c_warm", kitchen, CELSIUS)
    place(hass, "sensor.noise", kitchen, DECIBEL)
    place(hass, "sensor.elsewhere", None, {"unit_of_measurement": "lx"})
    place(hass, "binary_sensor.motion", kitchen, {"device_class": "motion"})
    assert suggest_entity(hass, "indoor_temperature", kitchen) == "sensor.b_warm"
    assert suggest_entity(hass, "noise_level", kitchen) == "sensor.noise"
    assert suggest_entity(hass, "occupancy", kitchen) == "binary_sensor.motion"
    assert suggest_entity(hass, "illuminance", kitchen) is None

    ar.async_get(hass).async_update(kitchen, temperature_entity_id="sensor.c_warm")
    assert suggest_entity(hass, "indoor_temperature", kitchen) == "sensor.c_warm"


async def test_sensors_of_the_areas_devices(hass: HomeAssistant, kitchen: str) -> None:
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    devices = dr.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "multisensor")}
    )
    devices.async_update_device(device.id, area_id=kitchen)
    hall = ar.async_get(hass).async_create("Hall").id
    lux = {"unit_of_measurement": "lx"}
    place(hass, "sensor.a_remote_probe", hall, lux, device_id=device.id)
    place(hass, "sensor.lux", None, lux, device_id=device.id)
    assert suggest_entity(hass, "illuminance", kitchen) == "sensor.lux"


async def test_what_is_the_same_everywhere(hass: HomeAssistant) -> None:
    hass.states.async_set("weather.home", "sunny")
    place(hass, "binary_sensor.a", None, {})
    place(hass, "binary_sensor.workday", None, {}, platform="workday")
    assert suggest_entity(hass, "weather", None) == "weather.home"
    assert suggest_entity(hass, "outdoor_temperature", None) == "weather.home"
    assert suggest_entity(hass, "day_type", None) == "binary_sensor.workday"


async def test_an_entity_without_state_is_not_proposed(hass: HomeAssistant, kitchen: str) -> None:
    place(hass, "sensor.noise", kitchen, DECIBEL)
    hass.states.async_remove("sensor.noise")
    assert suggest_entity(hass, "noise_level", kitchen) is None


async def test_what_is_merely_on_is_not_guessed(hass: HomeAssistant, kitchen: str) -> None:
    place(hass, "switch.kettle", kitchen, {})
    place(hass, "media_player.speaker", kitchen, {"device_class": "speaker"})
    for key in ("television", "vacuum", "call", "sleep", "calendar"):
        assert suggest_entity(hass, key, kitchen) is None
    place(hass, "media_player.tv", kitchen, {"device_class": "tv"})
    hass.states.async_set("vacuum.robot", "docked")
    hass.states.async_set("zone.home", "2")
    assert suggest_entity(hass, "television", kitchen) == "media_player.tv"
    assert suggest_entity(hass, "vacuum", kitchen) == "vacuum.robot"
    assert suggest_entity(hass, "people_home", None) == "zone.home"


async def test_the_areas_own_hygrometer_comes_first(hass: HomeAssistant, kitchen: str) -> None:
    humid = {"unit_of_measurement": "%", "device_class": "humidity"}
    place(hass, "sensor.a_bath", kitchen, humid)
    place(hass, "sensor.z_wall", kitchen, humid)
    assert suggest_entity(hass, "humidity", kitchen) == "sensor.a_bath"
    ar.async_get(hass).async_update(kitchen, humidity_entity_id="sensor.z_wall")
    assert suggest_entity(hass, "humidity", kitchen) == "sensor.z_wall"
