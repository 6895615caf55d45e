"""Which entities a variable accepts, whatever their state is."""

from typing import Any

from homeassistant.core import State
from homeassistant.helpers.selector import EntitySelector, EntitySelectorConfig
import pytest

from custom_components.rhythmiq.moment.variables import SOURCES


@pytest.mark.parametrize(
    ("key", "entity_id", "attributes", "accepted"),
    [
        ("noise_level", "sensor.a", {"unit_of_measurement": "dBA"}, True),
        ("noise_level", "input_number.a", {"unit_of_measurement": "dB"}, True),
        ("noise_level", "input_number.a", {}, False),
        ("noise_level", "light.a", {"unit_of_measurement": "dB"}, False),
        ("noise_level", "weather.a", {}, False),
        (
            "noise_level",
            "sensor.radio",
            {"unit_of_measurement": "dB", "device_class": "signal_strength"},
            False,
        ),
        (
            "indoor_temperature",
            "sensor.a",
            {"unit_of_measurement": "°F", "device_class": "temperature"},
            True,
        ),
        ("indoor_temperature", "weather.a", {}, False),
        ("outdoor_temperature", "weather.a", {}, True),
        ("illuminance", "sensor.a", {"unit_of_measurement": "lx"}, True),
        ("occupancy", "binary_sensor.a", {"device_class": "motion"}, True),
        ("occupancy", "binary_sensor.a", {"device_class": "door"}, False),
        ("occupancy", "binary_sensor.a", {}, False),
        ("occupancy", "person.a", {}, True),
        ("occupancy", "zone.a", {}, True),
        ("occupancy", "sensor.a", {"unit_of_measurement": "people"}, True),
        ("occupancy", "sensor.a", {"unit_of_measurement": "%"}, False),
        ("occupancy", "sensor.a", {"device_class": "battery"}, False),
        ("occupancy", "light.a", {}, False),
        ("weather", "weather.a", {}, True),
        ("weather", "input_select.a", {"options": ["sunny", "rainy"]}, True),
        ("weather", "input_select.a", {"options": ["sunny", "drizzle"]}, False),
        ("weather", "sensor.a", {}, False),
        ("day_type", "binary_sensor.workday", {}, True),
        ("day_type", "binary_sensor.door", {"device_class": "door"}, False),
        ("day_type", "input_boolean.a", {}, True),
        ("day_type", "calendar.a", {}, False),
        ("people_home", "zone.home", {}, True),
        ("people_home", "binary_sensor.a", {"device_class": "motion"}, False),
        ("television", "media_player.a", {}, True),
        ("television", "light.a", {}, False),
        ("call", "media_player.a", {}, False),
        ("activity", "sensor.phone", {}, True),
        ("activity", "sensor.steps", {"unit_of_measurement": "steps"}, False),
        ("activity", "binary_sensor.a", {}, False),
        ("heart_rate", "sensor.a", {"unit_of_measurement": "bpm"}, True),
        ("heart_rate", "sensor.a", {"unit_of_measurement": "rpm"}, False),
        ("place", "person.ada", {}, True),
        ("place", "zone.home", {}, False),
    ],
)
def test_accepts(key: str, entity_id: str, attributes: dict[str, Any], accepted: bool) -> None:
    for state in ("1", "unavailable"):
        assert SOURCES[key].accepts(State(entity_id, state, attributes)) is accepted


@pytest.mark.parametrize("key", SOURCES)
def test_the_offer_is_a_valid_selector(key: str) -> None:
    selector = EntitySelector(EntitySelectorConfig(filter=SOURCES[key].offered))
    assert selector.serialize()["selector"]["entity"]["filter"]


@pytest.mark.parametrize(
    "key", ["noise_level", "illuminance", "indoor_temperature", "outdoor_temperature", "occupancy"]
)
def test_number_helpers_are_offered(key: str) -> None:
    assert any("input_number" in offer["domain"] for offer in SOURCES[key].offered)
