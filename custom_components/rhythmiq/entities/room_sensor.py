"""What a room's moment is, as sensors."""

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.const import PERCENTAGE, UnitOfSoundPressure
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval

from ..const import CONF_BINDINGS
from ..engine import Context
from ..engine.asked import asked
from ..moment.words import MOMENTS, moment_word
from ..recommender import Recommender
from ..rooms import Room
from .room_entity import RoomEntity

_MINUTE: Final = timedelta(minutes=1)  # what no entity tells changes with the clock
_NOISE: Final = "noise_level"


def room_sensors(recommender: Recommender, room: Room) -> Iterator[RoomEntity]:
    """Yield the sensors of a room; a noise that nothing measures has none."""
    yield MomentSensor(recommender, room, "moment")
    yield EnergySensor(recommender, room, "energy_target")
    if room.data[CONF_BINDINGS].get(_NOISE) is not None:
        yield NoiseSensor(recommender, room, "ambient_noise")


class _RoomSensor(RoomEntity, SensorEntity):
    """Looks at the moment when an entity in it changes, and every minute."""

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            async_track_time_interval(
                self.hass, self._minute_passed, _MINUTE, cancel_on_shutdown=True
            )
        )
        self._look(self.room.moment.read())

    @callback
    @override
    def _room_changed(self) -> None:
        self._look(self.room.moment.read())
        self.async_write_ha_state()

    @callback
    def _minute_passed(self, _: datetime) -> None:
        self._room_changed()

    @abstractmethod
    def _look(self, moment: Context) -> None:
        """Take the value from a moment, in which nothing is personal."""


class MomentSensor(_RoomSensor):
    """The moment in a word or two; which variables it is made of is told by name only."""

    _attr_device_class = SensorDeviceClass.ENUM
    _attr_options = list(MOMENTS)  # noqa: RUF012 (as the base class has it)
    _unrecorded_attributes = frozenset({"variables", "personal"})
    _word: str | None = None

    @override
    def _look(self, moment: Context) -> None:
        people = self.recommender.rooms.at_home()
        personal = self.recommender.rooms.personal(people)
        self._attr_native_value = self._word = moment_word(moment, self._word)
        self._attr_extra_state_attributes = {
            "variables": sorted(moment.values),
            "personal": sorted(personal.values),
        }


class EnergySensor(_RoomSensor):
    """How energetic music is asked for: the share of ordinary music that is calmer.

    It is what the room's moment and mood ask, without who is there: what their bodies say is
    nobody's business.
    """

    _attr_native_unit_of_measurement = PERCENTAGE
    _attr_state_class = SensorStateClass.MEASUREMENT

    @override
    def _look(self, moment: Context) -> None:
        self._attr_native_value = round(100 * asked("energy", moment, self.room.mood))


class NoiseSensor(_RoomSensor):
    """How loud the room is over some minutes, without its own music."""

    _attr_device_class = SensorDeviceClass.SOUND_PRESSURE
    _attr_native_unit_of_measurement = UnitOfSoundPressure.DECIBEL
    _attr_state_class = SensorStateClass.MEASUREMENT

    @override
    def _look(self, moment: Context) -> None:
        level = moment.values.get(_NOISE)
        self._attr_native_value = None if level is None else round(float(level))
