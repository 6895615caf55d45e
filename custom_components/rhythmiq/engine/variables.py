"""The environment variables that home and cloud share."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Privacy(StrEnum):
    """Whose business a variable is.

    What is `PERSONAL` is read for one listener, who alone may see its values; to everybody else it
    has a name only.
    """

    HOME = "home"
    ROOM = "room"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Variable:
    """One environmental quantity: a number within a range, or one word out of several.

    `minimum` and `maximum` are inclusive, in `unit`. A variable with `options` has no range.
    """

    key: str
    privacy: Privacy
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    options: tuple[str, ...] | None = None


_WEATHER = (  # the condition words of Home Assistant's weather entities
    "clear-night",
    "cloudy",
    "exceptional",
    "fog",
    "hail",
    "lightning",
    "lightning-rainy",
    "partlycloudy",
    "pouring",
    "rainy",
    "snowy",
    "snowy-rainy",
    "sunny",
    "windy",
    "windy-variant",
)

_SWITCH = ("off", "on")

VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        variable.key: variable
        for variable in (
            Variable("time_of_day", Privacy.HOME, "h", 0, 24),
            Variable("sun_elevation", Privacy.HOME, "°", -90, 90),
            # How much of what is heard on a day in this home was heard by this hour, usually
            Variable("home_rhythm", Privacy.HOME, None, 0, 1),
            Variable("day_type", Privacy.HOME, options=("workday", "weekend", "holiday")),
            Variable("season", Privacy.HOME, options=("spring", "summer", "autumn", "winter")),
            Variable("noise_level", Privacy.ROOM, "dB", 0, 140),
            Variable("illuminance", Privacy.ROOM, "lx", 0, 200_000),
            Variable("indoor_temperature", Privacy.ROOM, "°C", -30, 60),
            Variable("humidity", Privacy.ROOM, "%", 0, 100),
            Variable("outdoor_temperature", Privacy.HOME, "°C", -90, 60),
            Variable("weather", Privacy.HOME, options=_WEATHER),
            Variable("occupancy", Privacy.ROOM, "people", 0, 100),
            Variable("people_home", Privacy.HOME, "people", 0, 100),
            Variable("television", Privacy.ROOM, options=_SWITCH),
            Variable("vacuum", Privacy.ROOM, options=_SWITCH),
            Variable("call", Privacy.ROOM, options=_SWITCH),
            Variable("heart_rate", Privacy.PERSONAL, "bpm", 20, 250),
            Variable("heart_rate_variability", Privacy.PERSONAL, "ms", 0, 500),
            Variable(
                "activity",
                Privacy.PERSONAL,
                options=("still", "walking", "running", "cycling", "in_vehicle"),
            ),
            Variable("steps", Privacy.PERSONAL, "steps", 0, 200_000),
            Variable("sleep", Privacy.PERSONAL, options=("awake", "asleep")),
            Variable("calendar", Privacy.PERSONAL, options=("free", "busy")),
            Variable(
                "place",
                Privacy.PERSONAL,
                options=("at_home", "just_arrived", "usually_away", "away"),
            ),
            # Signals of our own: what the home said of the last lists, and how soon it skipped
            Variable("recent_rating", Privacy.HOME, None, 0, 1),
            Variable("time_to_skip", Privacy.HOME, "s", 0, 3600),
        )
    }
)
