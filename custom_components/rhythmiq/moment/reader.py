"""Read the moment of a room."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import logging
import math

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..engine import VARIABLES, Context
from .sources import SATURDAY, UnreadableError
from .variables import SOURCES

_LOGGER = logging.getLogger(__name__)

STALE_AFTER = timedelta(hours=3)
"""A sensor that has not reported for longer is taken for lost. Battery sensors that measure
slow quantities report at least hourly; a helper keeps its value until somebody moves it."""

_AWAY: HassKey[set[tuple[str, str]]] = HassKey(f"{DOMAIN}_away")
"""Variables and entities that could not be read the last time, so that it is said only once."""


def read_context(hass: HomeAssistant, bindings: Mapping[str, str | None], now: datetime) -> Context:
    """Return the variables that are switched on and known at ``now`` (timezone-aware).

    ``bindings`` maps the variables that the person switched on to their entities, by registry id
    or, for those without one, by entity id (None: the clock tells); nothing else is read. What is
    unavailable, no number, out of the variable's range, in an unknown unit or stale is absent,
    which the log says once when it begins and once when it ends.
    """
    local = dt_util.as_local(now)
    registry = er.async_get(hass)
    away = hass.data.setdefault(_AWAY, set())
    values: dict[str, float | str] = {}
    for key in VARIABLES.keys() & bindings.keys():
        if (reference := bindings[key]) is None:
            values |= _from_clock(key, local)
            continue
        entity_id = er.async_resolve_entity_id(registry, reference) or reference
        try:
            values[key] = _read(hass, key, entity_id, local)
        except UnreadableError as reason:
            if (key, reference) not in away:
                away.add((key, reference))
                _LOGGER.info("%s: %s is left out, %s", entity_id, key, reason)
        else:
            if (key, reference) in away:
                away.remove((key, reference))
                _LOGGER.info("%s: %s is back", entity_id, key)
    return Context.from_values(values)


def _from_clock(key: str, local: datetime) -> dict[str, float | str]:
    """Return what the clock alone can tell about a variable."""
    match key:
        case "time_of_day":
            return {key: local.hour + local.minute / 60 + local.second / 3600}
        case "day_type":
            return {key: "weekend" if local.weekday() >= SATURDAY else "workday"}
        case _:
            return {}


def _read(hass: HomeAssistant, key: str, entity_id: str, local: datetime) -> float | str:
    """Return the value of one variable, in its unit and range; raises ``UnreadableError``."""
    if (state := hass.states.get(entity_id)) is None:
        raise UnreadableError("there is no such entity")
    if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        raise UnreadableError(f"it is {state.state}")
    if state.domain == "sensor" and local - state.last_reported > STALE_AFTER:
        raise UnreadableError(f"it has not reported for {STALE_AFTER}")
    value = SOURCES[key].value(state, local)
    if isinstance(value, float):
        variable = VARIABLES[key]
        low = -math.inf if variable.minimum is None else variable.minimum
        high = math.inf if variable.maximum is None else variable.maximum
        if not low <= value <= high:  # also true of NaN
            raise UnreadableError("it is out of range")
    return value
