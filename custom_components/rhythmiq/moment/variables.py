"""Which entities each of the engine's variables can be read from.

``time_of_day`` is not here: it needs no entity, the clock tells it.
"""

from collections.abc import Callable, Mapping
from functools import partial

from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import LIGHT_LUX, UnitOfSoundPressure, UnitOfTemperature
from homeassistant.util.unit_conversion import TemperatureConverter

from ..engine import VARIABLES
from .sources import DayType, Occupancy, Quantity, Source, Word

_CELSIUS: Mapping[str, Callable[[float], float]] = {
    unit: partial(TemperatureConverter.convert, from_unit=unit, to_unit=UnitOfTemperature.CELSIUS)
    for unit in UnitOfTemperature
}
# Microphones report plain or A-weighted decibels; for speech and music, which lie in the middle
# of the spectrum, the two differ by less than a room's noise does from minute to minute.
_DECIBEL: Mapping[str, Callable[[float], float]] = dict.fromkeys(
    (*UnitOfSoundPressure, "dB(A)"), float
)

SOURCES: Mapping[str, Source] = {
    "day_type": DayType(),
    "noise_level": Quantity(SensorDeviceClass.SOUND_PRESSURE, _DECIBEL),
    "illuminance": Quantity(SensorDeviceClass.ILLUMINANCE, {LIGHT_LUX: float}),
    "indoor_temperature": Quantity(SensorDeviceClass.TEMPERATURE, _CELSIUS),
    "outdoor_temperature": Quantity(SensorDeviceClass.TEMPERATURE, _CELSIUS, weather=True),
    "occupancy": Occupancy(),
    "weather": Word(frozenset(VARIABLES["weather"].options or ())),
}
"""By key of the variable, in the order in which the room's form asks."""

ENTITY_OPTIONAL = frozenset({"day_type"})
"""Known from the calendar even without an entity."""
