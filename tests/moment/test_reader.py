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
from custom_components.rhythmiq.moment.reader import read_context
from custom_components.rhythmiq.moment.variables import (
    SOURCES,
    STALE_AFTER,
    STALE_SOONER_OR_LATER,
    WITHOUT_ENTITY,
)

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


def test_every_variable_has_a_source_or_needs_none() -> None:
    assert SOURCES.keys() | WITHOUT_ENTITY == VARIABLES.keys()
    assert STALE_SOONER_OR_LATER.keys() <= SOURCES.keys()


async def test_only_what_is_switched_on_is_read(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.noise", "42", DB)
    hass.states.async_set("sensor.other", "43", DB)
    assert read(hass) == {}
    assert read(hass, noise_level="sensor.noise") == {"noise_level": 42}


async def test_a_variable_of_another_version_is_ignored(hass: HomeAssistant) -> None:
    assert read(hass, blood_pressure="sensor.pressure", weather=None) == {}


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
    hass.states.async_set("sensor.warm", "21", {"unit_of_measurement": "°C"})
    hass.states.async_set("input_number.lux", "100", {"unit_of_measurement": "lx"})
    bindings = {
        "noise_level": "sensor.noise",
        "indoor_temperature": "sensor.warm",
        "illuminance": "input_number.lux",
    }
    lasting: dict[str, float] = {"illuminance": 100}
    slow = lasting | {"indoor_temperature": 21}

    freezer.tick(STALE_SOONER_OR_LATER["noise_level"])
    assert read(hass, **bindings) == slow | {"noise_level": 42}
    freezer.tick(timedelta(seconds=1))
    assert read(hass, **bindings) == slow
    hass.states.async_set("sensor.noise", "42", DB)  # the same value, reported again
    assert read(hass, **bindings) == slow | {"noise_level": 42}

    freezer.tick(STALE_AFTER)
    assert read(hass, **bindings) == lasting


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


@pytest.mark.parametrize(
    ("latitude", "moment", "expected"),
    [
        (52.5, "2026-01-15 12:00", "winter"),
        (52.5, "2026-03-01 00:00", "spring"),
        (52.5, "2026-08-31 23:59", "summer"),
        (52.5, "2026-11-20 12:00", "autumn"),
        (52.5, "2026-12-01 00:00", "winter"),
        (-33.9, "2026-01-15 12:00", "summer"),
        (-33.9, "2026-06-15 12:00", "winter"),
    ],
)
async def test_seasons(hass: HomeAssistant, latitude: float, moment: str, expected: str) -> None:
    hass.config.latitude = latitude
    assert read_context(hass, {"season": None}, local(moment)).values == {"season": expected}


async def test_the_sun_is_high_at_noon_and_down_at_midnight(hass: HomeAssistant) -> None:
    await hass.config.async_update(latitude=52.5, longitude=13.4, time_zone="Europe/Berlin")
    noon, midnight = (
        read_context(hass, {"sun_elevation": None}, local(f"2026-06-21 {hour}")).values
        for hour in ("13:08", "01:08")
    )
    assert noon["sun_elevation"] == pytest.approx(60.9, abs=0.2)  # 90 - 52.5 + 23.4
    assert midnight["sun_elevation"] == pytest.approx(-14.1, abs=0.2)


@pytest.mark.parametrize("moment", ["2026-03-29 02:30", "2026-10-25 02:30"])
async def test_the_clock_may_be_changed(hass: HomeAssistant, moment: str) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    bindings = dict.fromkeys(WITHOUT_ENTITY | {"day_type"})
    for fold in (0, 1):
        now = dt_util.as_utc(local(moment).replace(fold=fold))
        assert read_context(hass, bindings, now).values["day_type"] == "weekend"


async def test_what_is_known_better_counts_where_it_is_switched_on(hass: HomeAssistant) -> None:
    now = dt_util.utcnow()
    told = {"home_rhythm": 0.4, "time_to_skip": None, "recent_rating": 1.0}
    bindings = {"home_rhythm": None, "time_to_skip": None}
    assert read_context(hass, bindings, now, told).values == {"home_rhythm": 0.4}


@pytest.mark.parametrize(
    ("key", "entity_id", "state", "expected"),
    [
        ("television", "media_player.tv", "playing", "on"),
        ("television", "media_player.tv", "off", "off"),
        ("television", "media_player.tv", "standby", "off"),
        ("television", "media_player.tv", "unavailable", None),
        ("vacuum", "vacuum.robot", "cleaning", "on"),
        ("vacuum", "vacuum.robot", "docked", "off"),
        ("call", "binary_sensor.call", "on", "on"),
        ("call", "input_boolean.call", "off", "off"),
        ("sleep", "sensor.sleep", "REM", "asleep"),
        ("sleep", "sensor.sleep", "awake", "awake"),
        ("sleep", "binary_sensor.bed", "on", "asleep"),
        ("calendar", "calendar.ada", "on", "busy"),
        ("calendar", "calendar.ada", "off", "free"),
        ("activity", "sensor.phone", "Stationary", "still"),
        ("activity", "sensor.phone", "on_bicycle", "cycling"),
        ("activity", "sensor.phone", "Automotive", "in_vehicle"),
        ("activity", "sensor.phone", "levitating", None),
        ("place", "person.ada", "not_home", "away"),
        ("place", "person.ada", "home", "just_arrived"),
        ("people_home", "zone.home", "3", 3),
    ],
)
async def test_words(
    hass: HomeAssistant, key: str, entity_id: str, state: str, expected: float | str | None
) -> None:
    assert read_one(hass, key, state, id=entity_id) == expected


async def test_who_has_been_home_for_a_while_has_not_just_arrived(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set("person.ada", "home")
    freezer.tick(timedelta(minutes=31))
    assert read(hass, place="person.ada") == {"place": "at_home"}


async def test_units_of_the_body(hass: HomeAssistant) -> None:
    assert read_one(hass, "heart_rate", "72", id="sensor.hr", unit_of_measurement="bpm") == 72
    assert read_one(hass, "heart_rate", "0", id="sensor.hr", unit_of_measurement="bpm") is None
    seconds = {"unit_of_measurement": "s"}
    assert read_one(hass, "heart_rate_variability", "0.045", id="sensor.v", **seconds) == 45
    assert read_one(hass, "humidity", "55", id="sensor.h", unit_of_measurement="%") == 55
    assert read_one(hass, "steps", "8000", id="sensor.s", unit_of_measurement="steps") == 8000
