"""Home Assistant states → the engine's Context."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.rhythmiq.engine import VARIABLES
from custom_components.rhythmiq.moment.reader import STALE_AFTER, read_context
from custom_components.rhythmiq.moment.variables import SOURCES

DB: Mapping[str, str] = {"unit_of_measurement": "dB", "device_class": "sound_pressure"}
WEDNESDAY = "2026-11-18 21:15:30"
SATURDAY = "2026-11-21 09:00:00"


def local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=dt_util.get_default_time_zone())


def read(hass: HomeAssistant, **bindings: str | None) -> Mapping[str, float | str]:
    return read_context(hass, bindings, dt_util.utcnow()).values


def read_one(hass: HomeAssistant, key: str, state: str, **attributes: Any) -> float | str | None:
    """Set one entity and read the variable from it; its id is `attributes["id"]`."""
    entity_id = attributes.pop("id")
    hass.states.async_set(entity_id, state, attributes)
    return read(hass, **{key: entity_id}).get(key)


def test_every_variable_but_the_clock_has_a_source() -> None:
    assert SOURCES.keys() == VARIABLES.keys() - {"time_of_day"}


async def test_only_what_is_switched_on_is_read(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.noise", "42", DB)
    hass.states.async_set("sensor.other", "43", DB)
    assert read(hass) == {}
    assert read(hass, noise_level="sensor.noise") == {"noise_level": 42}


async def test_a_variable_of_another_version_is_ignored(hass: HomeAssistant) -> None:
    assert read(hass, heart_rate="sensor.heart", weather=None) == {}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
async def test_the_clock_is_local(hass: HomeAssistant, zone: str) -> None:
    await hass.config.async_set_time_zone(zone)
    context = read_context(
        hass, {"time_of_day": None, "day_type": None}, dt_util.as_utc(local(WEDNESDAY))
    )
    assert context.values == {
        "time_of_day": pytest.approx(21 + 15 / 60 + 30 / 3600),
        "day_type": "workday",
    }


async def test_the_calendar_knows_weekends(hass: HomeAssistant) -> None:
    context = read_context(hass, {"day_type": None}, local(SATURDAY))
    assert context.values == {"day_type": "weekend"}


@pytest.mark.parametrize(
    ("state", "moment", "expected"),
    [
        ("on", WEDNESDAY, "workday"),
        ("off", WEDNESDAY, "holiday"),
        ("off", SATURDAY, "weekend"),
        ("on", SATURDAY, "workday"),
        ("maybe", SATURDAY, None),
    ],
)
async def test_a_workday_sensor_knows_holidays(
    hass: HomeAssistant, state: str, moment: str, expected: str | None
) -> None:
    hass.states.async_set("binary_sensor.workday", state)
    context = read_context(hass, {"day_type": "binary_sensor.workday"}, local(moment))
    assert context.values.get("day_type") == expected


@pytest.mark.parametrize(
    ("key", "state", "unit", "expected"),
    [
        ("noise_level", "35.5", "dB", 35.5),
        ("noise_level", "35.5", "dBA", 35.5),
        ("noise_level", "35.5", "dB(A)", 35.5),
        ("noise_level", "35.5", "%", None),
        ("noise_level", "35.5", None, None),
        ("noise_level", "-40", "dB", None),
        ("noise_level", "900", "dB", None),
        ("noise_level", "quiet", "dB", None),
        ("noise_level", "nan", "dB", None),
        ("noise_level", "inf", "dB", None),
        ("noise_level", "unknown", "dB", None),
        ("noise_level", "unavailable", "dB", None),
        ("noise_level", "", "dB", None),
        ("illuminance", "120", "lx", 120),
        ("illuminance", "-1", "lx", None),
        ("illuminance", "120", "W/m²", None),
        ("indoor_temperature", "21.5", "°C", 21.5),
        ("indoor_temperature", "68", "°F", 20),
        ("indoor_temperature", "293.15", "K", 20),
        ("indoor_temperature", "68", "°C", None),
        ("outdoor_temperature", "14", "°F", -10),
        ("occupancy", "3", None, 3),
        ("occupancy", "101", None, None),
        ("occupancy", "-1", "people", None),
    ],
)
async def test_numbers(
    hass: HomeAssistant, key: str, state: str, unit: str | None, expected: float | None
) -> None:
    attributes = {} if unit is None else {"unit_of_measurement": unit}
    value = read_one(hass, key, state, id="sensor.it", **attributes)
    assert value == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("entity_id", "state", "expected"),
    [
        ("binary_sensor.motion", "on", 1),
        ("binary_sensor.motion", "off", 0),
        ("binary_sensor.motion", "unknown", None),
        ("input_boolean.guests", "on", 1),
        ("person.ada", "home", 1),
        ("person.ada", "not_home", 0),
        ("person.ada", "Work", 0),
        ("zone.home", "2", 2),
        ("input_number.people", "4.0", 4),
    ],
)
async def test_occupancy(
    hass: HomeAssistant, entity_id: str, state: str, expected: float | None
) -> None:
    assert read_one(hass, "occupancy", state, id=entity_id) == expected


@pytest.mark.parametrize(
    ("entity_id", "state", "expected"),
    [
        ("weather.home", "rainy", "rainy"),
        ("weather.home", "raining frogs", None),
        ("input_select.weather", "clear-night", "clear-night"),
    ],
)
async def test_weather(
    hass: HomeAssistant, entity_id: str, state: str, expected: str | None
) -> None:
    assert read_one(hass, "weather", state, id=entity_id) == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"temperature": 50, "temperature_unit": "°F"}, 10),
        ({"temperature": -3.5, "temperature_unit": "°C"}, -3.5),
        ({"temperature": None, "temperature_unit": "°C"}, None),
        ({}, None),
    ],
)
async def test_outdoor_temperature_of_a_weather_entity(
    hass: HomeAssistant, attributes: dict[str, Any], expected: float | None
) -> None:
    value = read_one(hass, "outdoor_temperature", "sunny", id="weather.home", **attributes)
    assert value == (expected if expected is None else pytest.approx(expected))


async def test_a_silent_sensor_is_stale_and_a_helper_never(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set("sensor.noise", "42", DB)
    hass.states.async_set("input_number.lux", "100", {"unit_of_measurement": "lx"})
    bindings = {"noise_level": "sensor.noise", "illuminance": "input_number.lux"}

    freezer.tick(STALE_AFTER)
    assert read(hass, **bindings) == {"noise_level": 42, "illuminance": 100}

    freezer.tick(timedelta(seconds=1))
    assert read(hass, **bindings) == {"illuminance": 100}

    hass.states.async_set("sensor.noise", "42", DB)  # the same value, reported again
    assert read(hass, **bindings) == {"noise_level": 42, "illuminance": 100}


async def test_a_clock_that_jumps_back_makes_nothing_stale(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set("sensor.noise", "42", DB)
    freezer.tick(timedelta(days=-1))
    assert read(hass, noise_level="sensor.noise") == {"noise_level": 42}


async def test_an_outage_is_said_once_and_never_the_value(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.rhythmiq")
    said: list[int] = []
    for state in ("42", "900", "unavailable", "900", "43", "44", "905"):
        hass.states.async_set("sensor.noise", state, DB)
        read(hass, noise_level="sensor.noise")
        said.append(len(caplog.records))
    assert said == [0, 1, 1, 1, 2, 2, 3]
    assert caplog.messages == [
        "sensor.noise: noise_level is left out, it is out of range",
        "sensor.noise: noise_level is back",
        "sensor.noise: noise_level is left out, it is out of range",
    ]


async def test_a_removed_entity_is_absent(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "custom_components.rhythmiq")
    assert read(hass, noise_level="sensor.gone") == {}
    assert caplog.messages == ["sensor.gone: noise_level is left out, there is no such entity"]


async def test_a_renamed_entity_is_still_read(hass: HomeAssistant) -> None:
    registry = er.async_get(hass)
    entry = registry.async_get_or_create("sensor", "test", "noise", suggested_object_id="noise")
    registry.async_update_entity("sensor.noise", new_entity_id="sensor.microphone")
    hass.states.async_set("sensor.microphone", "42", DB)
    assert read(hass, noise_level=entry.id) == {"noise_level": 42}

    registry.async_remove("sensor.microphone")
    assert read(hass, noise_level=entry.id) == {}
