"""Read the moment of a room."""

from collections.abc import Mapping
from datetime import datetime
import logging
import math

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..engine import VARIABLES, Context
from .clock import CLOCK
from .sources import UnreadableError
from .variables import SOURCES, STALE_AFTER, STALE_SOONER_OR_LATER

_LOGGER = logging.getLogger(__name__)

_AWAY: HassKey[set[tuple[str, str]]] = HassKey(f"{DOMAIN}_away")
"""Variables and entities that could not be read the last time, so that it is said only once."""


def read_context(
    hass: HomeAssistant,
    bindings: Mapping[str, str | None],
    now: datetime,
    told: Mapping[str, float | str | None] | None = None,
) -> Context:
    """Return the variables that are switched on and known at ``now`` (timezone-aware).

    ``bindings`` maps the variables that the person switched on to their entities, by registry id
    or, for those without one, by entity id (None: no entity tells it); nothing else is read. What
    is unavailable, no number, out of the variable's range, in an unknown unit or stale is absent,
    which the log says once when it begins and once when it ends. ``told`` is what is known better
    than by one reading (None: not known); of that, too, only what is switched on counts.
    """
    local = dt_util.as_local(now)
    values: dict[str, float | str | None] = {}
    for key in VARIABLES.keys() & bindings.keys():
        if (reference := bindings[key]) is not None:
            values[key] = read_value(hass, key, reference, local)
        elif (tell := CLOCK.get(key)) is not None:
            values[key] = tell(hass, local)
    values |= {key: value for key, value in (told or {}).items() if key in bindings}
    return Context.from_values(values)


def read_value(
    hass: HomeAssistant, key: str, reference: str, local: datetime, state: State | None = None
) -> float | str | None:
    """Return what one entity says of a variable, in its unit and range; None where nothing.

    ``state`` is the entity's, where that is at hand.
    """
    away = hass.data.setdefault(_AWAY, set())
    entity_id = er.async_resolve_entity_id(er.async_get(hass), reference) or reference
    try:
        value = _value(key, state or hass.states.get(entity_id), local)
    except UnreadableError as reason:
        if (key, reference) not in away:
            away.add((key, reference))
            _LOGGER.info("%s: %s is left out, %s", entity_id, key, reason)
        return None
    if (key, reference) in away:
        away.remove((key, reference))
        _LOGGER.info("%s: %s is back", entity_id, key)
    return value


def _value(key: str, state: State | None, local: datetime) -> float | str:
    if state is None:
        raise UnreadableError("there is no such entity")
    if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
        raise UnreadableError(f"it is {state.state}")
    stale_after = STALE_SOONER_OR_LATER.get(key, STALE_AFTER)
    if state.domain == "sensor" and local - state.last_reported > stale_after:
        raise UnreadableError(f"it has not reported for {stale_after}")
    value = SOURCES[key].value(state, local)
    if isinstance(value, float):
        variable = VARIABLES[key]
        low = -math.inf if variable.minimum is None else variable.minimum
        high = math.inf if variable.maximum is None else variable.maximum
        if not low <= value <= high:  # also true of NaN
            raise UnreadableError("it is out of range")
    return value
