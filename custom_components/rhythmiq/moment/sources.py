"""How the state of one Home Assistant entity becomes the value of one variable."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.components.weather import ATTR_WEATHER_TEMPERATURE, ATTR_WEATHER_TEMPERATURE_UNIT
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_HOME,
    STATE_OFF,
    STATE_ON,
)
from homeassistant.core import State
from homeassistant.helpers.selector import EntityWithDeviceFilterSelectorConfig

SATURDAY = 5  # as `datetime.weekday` counts
_OPTIONS = "options"  # of a dropdown helper


class UnreadableError(ValueError):
    """A state that says nothing about its variable; the text is the reason, never the value."""


class Source(ABC):
    """The entities that can feed one variable."""

    refusal: str  # the error of the room's form for an entity that is not `accepted`

    @property
    @abstractmethod
    def offered(self) -> list[EntityWithDeviceFilterSelectorConfig]:
        """Filters of the entities that the room's form offers; any of them admits."""

    @abstractmethod
    def accepts(self, state: State) -> bool:
        """Say whether the entity is of the right kind, whatever its state is now."""

    @abstractmethod
    def value(self, state: State, now: datetime) -> float | str:
        """Return the variable's value, a number in the variable's unit.

        ``now`` is local time. Raises ``UnreadableError``.
        """


@dataclass(frozen=True, slots=True)
class Quantity(Source):
    """A number with a unit: of a sensor, a number helper or a weather entity's temperature.

    ``units`` converts from each unit that is understood to the variable's own. A sensor has to be
    of ``device_class`` or of none: radio signals are in dB, too.
    """

    device_class: SensorDeviceClass | None
    units: Mapping[str, Callable[[float], float]]
    weather: bool = False
    refusal = "wrong_unit"

    @property
    @override
    def offered(self) -> list[EntityWithDeviceFilterSelectorConfig]:
        measured: EntityWithDeviceFilterSelectorConfig = {
            "domain": ["sensor", "input_number"],
            "unit_of_measurement": list(self.units),
        }
        return [measured, {"domain": "weather"}] if self.weather else [measured]

    @override
    def accepts(self, state: State) -> bool:
        if state.domain == "weather":
            return self.weather
        return (
            state.domain in ("sensor", "input_number")
            and state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) in self.units
            and state.attributes.get(ATTR_DEVICE_CLASS) in (None, self.device_class)
        )

    @override
    def value(self, state: State, now: datetime) -> float | str:
        if state.domain == "weather":
            number = state.attributes.get(ATTR_WEATHER_TEMPERATURE)
            unit = state.attributes.get(ATTR_WEATHER_TEMPERATURE_UNIT)
        else:
            number = state.state
            unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        if (convert := self.units.get(str(unit))) is None:
            raise UnreadableError("its unit is not understood")
        return convert(_number(number))


@dataclass(frozen=True, slots=True)
class People(Source):
    """How many people: counted, or 1 and 0 where an entity only knows whether there is anybody.

    With ``detectors``, what senses somebody in a room will do, too.
    """

    detectors: bool
    refusal = "wrong_entity"

    _DETECTORS: ClassVar = frozenset(
        {
            BinarySensorDeviceClass.MOTION,
            BinarySensorDeviceClass.OCCUPANCY,
            BinarySensorDeviceClass.PRESENCE,
        }
    )
    _UNITS: ClassVar = frozenset({None, "people", "persons", "person"})

    @property
    @override
    def offered(self) -> list[EntityWithDeviceFilterSelectorConfig]:
        counted: list[EntityWithDeviceFilterSelectorConfig] = [
            {"domain": ["input_boolean", "input_number", "person", "sensor", "zone"]}
        ]
        detected: EntityWithDeviceFilterSelectorConfig = {
            "domain": "binary_sensor",
            "device_class": sorted(self._DETECTORS),
        }
        return [detected, *counted] if self.detectors else counted

    @override
    def accepts(self, state: State) -> bool:
        match state.domain:
            case "binary_sensor":
                return self.detectors and state.attributes.get(ATTR_DEVICE_CLASS) in self._DETECTORS
            case "sensor" | "input_number":
                return (
                    ATTR_DEVICE_CLASS not in state.attributes
                    and state.attributes.get(ATTR_UNIT_OF_MEASUREMENT) in self._UNITS
                )
            case domain:
                return domain in ("input_boolean", "person", "zone")

    @override
    def value(self, state: State, now: datetime) -> float | str:
        match state.domain:
            case "binary_sensor" | "input_boolean":
                return float(_is_on(state))
            case "person":
                return float(state.state == STATE_HOME)
            case _:
                return _number(state.state)


@dataclass(frozen=True, slots=True)
class Word(Source):
    """One of ``words``: the condition of a weather entity, or what a dropdown helper is set to."""

    words: frozenset[str]
    refusal = "wrong_entity"

    @property
    @override
    def offered(self) -> list[EntityWithDeviceFilterSelectorConfig]:
        return [{"domain": ["weather", "input_select"]}]

    @override
    def accepts(self, state: State) -> bool:
        if state.domain == "input_select":
            return self.words.issuperset(state.attributes.get(_OPTIONS, ()))
        return state.domain == "weather"

    @override
    def value(self, state: State, now: datetime) -> float | str:
        if state.state not in self.words:
            raise UnreadableError("it says a word that is not understood")
        return state.state


class DayType(Source):
    """Whether people work today, by an entity that knows the holidays.

    Home Assistant's Workday integration gives such a binary sensor (on: a working day).
    """

    refusal = "wrong_entity"

    @property
    @override
    def offered(self) -> list[EntityWithDeviceFilterSelectorConfig]:
        return [{"domain": "binary_sensor", "integration": "workday"}, {"domain": "input_boolean"}]

    @override
    def accepts(self, state: State) -> bool:
        return (
            state.domain in ("binary_sensor", "input_boolean")
            and ATTR_DEVICE_CLASS not in state.attributes
        )

    @override
    def value(self, state: State, now: datetime) -> float | str:
        if _is_on(state):
            return "workday"
        return "weekend" if now.weekday() >= SATURDAY else "holiday"


@dataclass(frozen=True, slots=True)
class Switched(Source):
    """One of two words, by what an entity is doing.

    ``on`` names the states of each domain that mean ``words[1]``; any other state means
    ``words[0]``.
    """

    words: tuple[str, str]
    on: Mapping[str, frozenset[str]]
    refusal = "wrong_entity"

    @property
    @override
    def offered(self) -> list[EntityWithDeviceFilterSelectorConfig]:
        return [{"domain": sorted(self.on)}]

    @override
    def accepts(self, state: State) -> bool:
        return state.domain in self.on

    @override
    def value(self, state: State, now: datetime) -> float | str:
        return self.words[state.state.lower() in self.on.get(state.domain, ())]


@dataclass(frozen=True, slots=True)
class Said(Source):
    """One word out of several, in the words of phones and watches; others say nothing."""

    meaning: Mapping[str, str]
    refusal = "wrong_entity"

    @property
    @override
    def offered(self) -> list[EntityWithDeviceFilterSelectorConfig]:
        return [{"domain": ["sensor", "input_select"]}]

    @override
    def accepts(self, state: State) -> bool:
        return (
            state.domain in ("sensor", "input_select")
            and ATTR_UNIT_OF_MEASUREMENT not in state.attributes
        )

    @override
    def value(self, state: State, now: datetime) -> float | str:
        if (word := self.meaning.get(state.state.lower())) is None:
            raise UnreadableError("it says a word that is not understood")
        return word


class Place(Source):
    """Whether a person is at home, and whether they have just come."""

    refusal = "wrong_entity"
    ARRIVAL = timedelta(minutes=30)

    @property
    @override
    def offered(self) -> list[EntityWithDeviceFilterSelectorConfig]:
        return [{"domain": ["person", "device_tracker"]}]

    @override
    def accepts(self, state: State) -> bool:
        return state.domain in ("person", "device_tracker")

    @override
    def value(self, state: State, now: datetime) -> float | str:
        if state.state != STATE_HOME:
            return "away"
        return "just_arrived" if now - state.last_changed < self.ARRIVAL else "at_home"


def _number(text: object) -> float:
    try:
        return float(str(text))
    except ValueError:
        raise UnreadableError("it is not a number") from None


def _is_on(state: State) -> bool:
    if state.state not in (STATE_ON, STATE_OFF):
        raise UnreadableError("it is neither on nor off")
    return state.state == STATE_ON
