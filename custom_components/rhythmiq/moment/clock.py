"""What the clock, the sun and the calendar tell without any entity."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.sun import get_astral_location

from .sources import SATURDAY

_SEASONS: Final = ("winter", "spring", "summer", "autumn")


def time_of_day(_hass: HomeAssistant, local: datetime) -> float:
    """Return the hour, 0-24; on the days when clocks change, too, the one that the clock shows."""
    return local.hour + local.minute / 60 + local.second / 3600


def sun_elevation(hass: HomeAssistant, local: datetime) -> float:
    """Return the sun's angle above the home's horizon, in degrees."""
    location, elevation = get_astral_location(hass)
    return float(location.solar_elevation(local, elevation))


def day_type(_hass: HomeAssistant, local: datetime) -> str:
    """Tell weekends from workdays; holidays are known to entities only."""
    return "weekend" if local.weekday() >= SATURDAY else "workday"


def season(hass: HomeAssistant, local: datetime) -> str:
    """Return the meteorological season, which begins with a month, on the home's hemisphere."""
    southern = 2 if hass.config.latitude < 0 else 0
    return _SEASONS[(local.month % 12 // 3 + southern) % 4]


CLOCK: Final[Mapping[str, Callable[[HomeAssistant, datetime], float | str]]] = {
    "time_of_day": time_of_day,
    "sun_elevation": sun_elevation,
    "day_type": day_type,
    "season": season,
}
"""By key of the variable; all take local time."""
