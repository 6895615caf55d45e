"""How each of the engine's variables is read: from which entities, or from the clock."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.components.media_player.const import MediaPlayerState
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.components.vacuum.const import VacuumActivity
from homeassistant.const import (
    LIGHT_LUX,
    PERCENTAGE,
    Platform,
    UnitOfSoundPressure,
    UnitOfTemperature,
    UnitOfTime,
)
from homeassistant.util.unit_conversion import DurationConverter, TemperatureConverter

from ..engine import VARIABLES, Privacy
from .sources import DayType, People, Place, Quantity, Said, Source, Switched, Word

_CELSIUS: Final[Mapping[str, Callable[[float], float]]] = {
    unit: partial(TemperatureConverter.convert, from_unit=unit, to_unit=UnitOfTemperature.CELSIUS)
    for unit in UnitOfTemperature
}
_MILLISECONDS: Final[Mapping[str, Callable[[float], float]]] = {
    unit: partial(DurationConverter.convert, from_unit=unit, to_unit=UnitOfTime.MILLISECONDS)
    for unit in (UnitOfTime.MILLISECONDS, UnitOfTime.SECONDS)
}
# Microphones report plain or A-weighted decibels; for speech and music, which lie in the middle
# of the spectrum, the two differ by less than a room's noise does from minute to minute.
_DECIBEL: Final[Mapping[str, Callable[[float], float]]] = dict.fromkeys(
    (*UnitOfSoundPressure, "dB(A)"), float
)
_ON: Final = frozenset({"on"})
_TOGGLES: Final[Mapping[str, frozenset[str]]] = dict.fromkeys(
    (Platform.BINARY_SENSOR, "input_boolean", Platform.SWITCH), _ON
)
_WATCHING: Final = frozenset(
    {
        MediaPlayerState.ON,
        MediaPlayerState.PLAYING,
        MediaPlayerState.PAUSED,
        MediaPlayerState.BUFFERING,
    }
)
_CLEANING: Final = frozenset({VacuumActivity.CLEANING, VacuumActivity.RETURNING})
# What the companion apps of Android and iOS say
_ACTIVITIES: Final = {
    "still": "still", "stationary": "still", "tilting": "still",
    "walking": "walking", "on_foot": "walking",
    "running": "running",
    "cycling": "cycling", "on_bicycle": "cycling",
    "in_vehicle": "in_vehicle", "automotive": "in_vehicle",
}  # fmt: skip

SOURCES: Final[Mapping[str, Source]] = {
    "day_type": DayType(),
    "noise_level": Quantity(SensorDeviceClass.SOUND_PRESSURE, _DECIBEL),
    "illuminance": Quantity(SensorDeviceClass.ILLUMINANCE, {LIGHT_LUX: float}),
    "indoor_temperature": Quantity(SensorDeviceClass.TEMPERATURE, _CELSIUS),
    "humidity": Quantity(SensorDeviceClass.HUMIDITY, {PERCENTAGE: float}),
    "outdoor_temperature": Quantity(SensorDeviceClass.TEMPERATURE, _CELSIUS, weather=True),
    "weather": Word(frozenset(VARIABLES["weather"].options or ())),
    "occupancy": People(detectors=True),
    "people_home": People(detectors=False),
    "television": Switched(
        ("off", "on"), {Platform.MEDIA_PLAYER: _WATCHING, Platform.REMOTE: _ON, **_TOGGLES}
    ),
    "vacuum": Switched(("off", "on"), {Platform.VACUUM: _CLEANING, **_TOGGLES}),
    "call": Switched(("off", "on"), _TOGGLES),
    "heart_rate": Quantity(None, dict.fromkeys(("bpm", "beats/min"), float)),
    "heart_rate_variability": Quantity(None, _MILLISECONDS),
    "activity": Said(_ACTIVITIES),
    "steps": Quantity(None, dict.fromkeys(("steps", "step"), float)),
    "sleep": Switched(
        ("awake", "asleep"),
        {
            Platform.SENSOR: frozenset({"asleep", "sleeping", "light", "deep", "rem", "core"}),
            **_TOGGLES,
        },
    ),
    "calendar": Switched(("free", "busy"), {Platform.CALENDAR: _ON, **_TOGGLES}),
    "place": Place(),
}
"""By key of the variable, in the order in which forms ask."""

ENTITY_OPTIONAL: Final = frozenset({"day_type"})
"""Known from the calendar even without an entity."""

WITHOUT_ENTITY: Final = frozenset(VARIABLES.keys() - SOURCES.keys())
"""Told by the clock, the sun, and what was heard in this home."""

STALE_AFTER: Final = timedelta(hours=3)
"""A sensor that has not reported for longer is taken for lost. Battery sensors that measure
slow quantities report at least hourly; a helper keeps its value until somebody moves it."""

STALE_SOONER_OR_LATER: Final[Mapping[str, timedelta]] = {
    "noise_level": timedelta(minutes=15),
    "heart_rate": timedelta(minutes=15),
    "heart_rate_variability": timedelta(days=1),
    "steps": timedelta(days=1),
    # Phones report these only when they change
    "activity": timedelta(hours=12),
    "sleep": timedelta(hours=12),
}

OF_ROOMS: Final = tuple(
    key for key, variable in VARIABLES.items() if variable.privacy is not Privacy.PERSONAL
)
OF_LISTENERS: Final = tuple(
    key for key, variable in VARIABLES.items() if variable.privacy is Privacy.PERSONAL
)
