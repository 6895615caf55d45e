"""The house of the demo: its rooms, its sensors, and two moments in it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something a simulated sensor measures; `key` names the engine's variable."""

    key: str
    name: str
    icon: str
    unit: str
    minimum: float
    maximum: float
    step: float
    initial: float
    device_class: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room with a speaker; `area_id` is the area Home Assistant makes for its name."""

    name: str
    area_id: str
    icon: str

    @property
    def player(self) -> str:
        """Entity id of the room's player."""
        return f"media_player.{self.area_id}"

    @property
    def button(self) -> str:
        """Entity id of the room's button that plays something for now."""
        return f"button.{self.area_id}_play_for_now"

    def sensor(self, quantity: Quantity) -> str:
        """Entity id of the sensor that the room is given."""
        return f"sensor.{self.area_id}_{quantity.key}"

    def slider(self, quantity: Quantity) -> str:
        """Entity id of the number that moves the sensor."""
        return f"input_number.{self.area_id}_{quantity.key}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in one room: what the sensors show and what the clock and calendar would say."""

    title: str
    room: Room
    sensors: Mapping[str, float]
    sky: str
    outdoor_temperature: float
    context: Mapping[str, object]


QUANTITIES = (
    Quantity("noise_level", "Noise", "mdi:ear-hearing", "dB", 20, 100, 1, 38, "sound_pressure"),
    Quantity("illuminance", "Light", "mdi:brightness-5", "lx", 0, 2000, 5, 220, "illuminance"),
    Quantity("occupancy", "People", "mdi:account-group", "people", 0, 12, 1, 1),
)
OUTDOOR = Quantity(
    "outdoor_temperature", "Outside", "mdi:thermometer", "°C", -15, 40, 0.5, 12, "temperature"
)
SKY = "input_select.sky"
WEATHER = "weather.outside"
CONDITIONS = ("sunny", "partlycloudy", "cloudy", "fog", "rainy", "pouring", "snowy", "windy")

LIVING_ROOM = Room("Living Room", "living_room", "mdi:sofa")
KITCHEN = Room("Kitchen", "kitchen", "mdi:stove")
BEDROOM = Room("Bedroom", "bedroom", "mdi:bed")
ROOMS = (LIVING_ROOM, KITCHEN, BEDROOM)

MOMENTS = (
    Moment(
        title="Quiet late evening",
        room=BEDROOM,
        sensors={"noise_level": 27, "illuminance": 5, "occupancy": 1},
        sky="rainy",
        outdoor_temperature=4,
        context={"time_of_day": "22:45", "day_type": "workday"},
    ),
    Moment(
        title="Loud Saturday afternoon",
        room=LIVING_ROOM,
        sensors={"noise_level": 74, "illuminance": 900, "occupancy": 7},
        sky="sunny",
        outdoor_temperature=25,
        context={"time_of_day": "15:30", "day_type": "weekend"},
    ),
)
