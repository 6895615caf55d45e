"""The environment variables that home and cloud share."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Variable:
    """One environmental quantity: a number within a range, or one word out of several.

    `minimum` and `maximum` are inclusive, in `unit`. A variable with `options` has no range.
    """

    key: str
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

VARIABLES: Mapping[str, Variable] = MappingProxyType(
    {
        variable.key: variable
        for variable in (
            Variable("time_of_day", "h", 0, 24),
            Variable("day_type", options=("workday", "weekend", "holiday")),
            Variable("noise_level", "dB", 0, 140),
            Variable("illuminance", "lx", 0, 200_000),
            Variable("indoor_temperature", "°C", -30, 60),
            Variable("outdoor_temperature", "°C", -90, 60),
            Variable("occupancy", "people", 0, 100),
            Variable("weather", options=_WEATHER),
        )
    }
)
