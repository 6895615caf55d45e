"""The part of a room's form about what RhythmIQ may do there by itself."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import PERCENTAGE
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TimeSelector,
)
import voluptuous as vol

from ..const import CONF_QUIET, CONF_VOLUME

CONF_HABITS: Final = "habits"
CONF_QUIET_FROM: Final = "quiet_from"
CONF_QUIET_UNTIL: Final = "quiet_until"
CONF_VOLUME_MAXIMUM: Final = "volume_maximum"
CONF_VOLUME_MINIMUM: Final = "volume_minimum"

_PERCENT: Final = NumberSelector(
    NumberSelectorConfig(
        min=0, max=100, step=1, mode=NumberSelectorMode.BOX, unit_of_measurement=PERCENTAGE
    )
)
_PAIRS: Final = {
    CONF_VOLUME: (CONF_VOLUME_MINIMUM, CONF_VOLUME_MAXIMUM),
    CONF_QUIET: (CONF_QUIET_FROM, CONF_QUIET_UNTIL),
}


def habits_field() -> dict[vol.Marker, Any]:
    """Return the section of a form."""
    fields = vol.Schema(
        {
            vol.Optional(CONF_VOLUME_MINIMUM): _PERCENT,
            vol.Optional(CONF_VOLUME_MAXIMUM): _PERCENT,
            vol.Optional(CONF_QUIET_FROM): TimeSelector(),
            vol.Optional(CONF_QUIET_UNTIL): TimeSelector(),
        }
    )
    return {vol.Optional(CONF_HABITS): section(fields, {"collapsed": True})}


def habits_of(user_input: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the settings that a form asks for: ``CONF_VOLUME`` and ``CONF_QUIET``, if at all."""
    given = user_input.get(CONF_HABITS, {})
    return {
        key: [given[field] for field in pair]
        for key, pair in _PAIRS.items()
        if all(field in given for field in pair)
    }


def habits_refused(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong, by the key of an error: half a pair, or one that leaves nothing."""
    given = user_input.get(CONF_HABITS, {})
    low, high = (given.get(field) for field in _PAIRS[CONF_VOLUME])
    begin, end = (given.get(field) for field in _PAIRS[CONF_QUIET])
    if (low is None) != (high is None) or (low is not None and low >= high):
        return {"base": "volume_bounds_invalid"}
    if (begin is None) != (end is None) or (begin is not None and begin == end):
        return {"base": "quiet_hours_invalid"}
    return {}


def habits_shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a room's settings as the form shows them."""
    shown = {
        field: value
        for key, pair in _PAIRS.items()
        for field, value in zip(pair, settings.get(key, ()), strict=False)
    }
    return {CONF_HABITS: shown}
