"""A moment in a word or two, such as "quiet evening", for people and for automations.

Time of day, and how lively the room is: by its noise, without its own music, and by the people in
it. What is not switched on is not said. A room that is neither says only what is known.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..engine import Context

_PERIODS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"morning": (5, 11), "day": (11, 17), "evening": (17, 22), "night": (22, 29)}
)  # hours of the clock: from, until
_QUIET, _LIVELY = "quiet", "lively"
# A living room in which nobody speaks has some 35 dB(A), in conversation some 60: ISO 9921:2003
_QUIET_BELOW: Final = 42.0
_LIVELY_FROM: Final = 60.0
_KEEPS: Final = 3.0  # dB beyond its limit, until which a level stays what it was
_COMPANY: Final = 4.0  # people in the room who make it lively, unless it is quiet
_BESIDE: Final = {"call": "call", "television": "television"}  # what goes before everything

ORDINARY: Final = "ordinary"
MOMENTS: Final = (
    *(
        word
        for period in _PERIODS
        for word in (f"{_QUIET}_{period}", period, f"{_LIVELY}_{period}")
    ),
    _QUIET,
    ORDINARY,
    _LIVELY,
    "empty",
    *_BESIDE.values(),
)
"""All words there are."""


def moment_word(moment: Context, before: str | None = None) -> str | None:
    """Return the word for a moment, None where nothing is known that would say one.

    `before` is the word of a while ago: noise at a limit does not make it flicker.
    """
    values = moment.values
    for variable, word in _BESIDE.items():
        if values.get(variable) == "on":
            return word
    if values.get("occupancy") == 0:
        return "empty"
    level = _level(moment, (before or "").partition("_")[0])
    if (hour := _number(moment, "time_of_day")) is None:
        return level
    period = next(
        period
        for period, (begin, end) in _PERIODS.items()
        if begin <= hour < end or begin <= hour + 24 < end
    )
    return period if level in {None, ORDINARY} else f"{level}_{period}"


def _level(moment: Context, before: str) -> str | None:
    """Return how lively the room is; a vacuum cleaner's noise is not people's."""
    cleaning = moment.values.get("vacuum") == "on"
    noise = None if cleaning else _number(moment, "noise_level")
    people = _number(moment, "occupancy")
    if noise is not None:
        if noise < _QUIET_BELOW + _KEEPS * (before == _QUIET):
            return _QUIET
        if noise >= _LIVELY_FROM - _KEEPS * (before == _LIVELY):
            return _LIVELY
    if people is not None and people >= _COMPANY:
        return _LIVELY
    return None if noise is None else ORDINARY


def _number(moment: Context, key: str) -> float | None:
    value = moment.values.get(key)
    return None if value is None else float(value)
