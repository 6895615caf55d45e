"""The actions about what listeners prefer."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..checks import number, whole, within
from ..const import DOMAIN
from ..engine.preference_rules import PREFERENCES
from ..exceptions import translated_errors
from ..library import LIBRARY
from ..listeners.preferences import Preferences
from ..people import KnownListener
from ..rights import check_may_see, find_listener

SERVICE_CREATE: Final = "create_preference"
SERVICE_DELETE: Final = "delete_preference"
SERVICE_LIST: Final = "list_preferences"
SERVICE_REORDER: Final = "reorder_preferences"
SERVICE_UPDATE: Final = "update_preference"

ATTR_ID: Final = "preference"
ATTR_KIND: Final = "kind"
ATTR_LIMIT: Final = "limit"
ATTR_LISTENER: Final = "listener"
ATTR_OFFSET: Final = "offset"
ATTR_ORDER: Final = "order"
ATTR_RANK: Final = "rank"
ATTR_VALUE: Final = "value"
ATTR_WEIGHT: Final = "weight"

# Only shapes are checked here: values belong to the handler, whose errors are translated.
LIST_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_LISTENER): cv.string,
        vol.Optional(ATTR_OFFSET, default=0): object,
        vol.Optional(ATTR_LIMIT, default=PREFERENCES): object,
    }
)
CREATE_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_LISTENER): cv.string,
        vol.Required(ATTR_KIND): cv.string,
        vol.Required(ATTR_VALUE): cv.string,
        vol.Optional(ATTR_RANK): object,
        vol.Optional(ATTR_WEIGHT): object,
    }
)
UPDATE_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_LISTENER): cv.string,
        vol.Required(ATTR_ID): cv.string,
        vol.Optional(ATTR_KIND): cv.string,
        vol.Optional(ATTR_VALUE): cv.string,
        vol.Optional(ATTR_RANK): object,
        vol.Optional(ATTR_WEIGHT): object,
    }
)
REORDER_SCHEMA = vol.Schema(
    {
        vol.Required(ATTR_LISTENER): cv.string,
        vol.Required(ATTR_ORDER): vol.All(cv.ensure_list, [cv.string]),
    }
)
DELETE_SCHEMA = vol.Schema(
    {vol.Required(ATTR_LISTENER): cv.string, vol.Required(ATTR_ID): cv.string}
)


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions about preferences."""
    for name, handler, schema in (
        (SERVICE_CREATE, _async_create, CREATE_SCHEMA),
        (SERVICE_UPDATE, _async_update, UPDATE_SCHEMA),
        (SERVICE_REORDER, _async_reorder, REORDER_SCHEMA),
        (SERVICE_DELETE, _async_delete, DELETE_SCHEMA),
    ):
        hass.services.async_register(DOMAIN, name, handler, schema, SupportsResponse.OPTIONAL)
    hass.services.async_register(
        DOMAIN, SERVICE_LIST, _async_list, LIST_SCHEMA, SupportsResponse.ONLY
    )


async def _async_list(call: ServiceCall) -> ServiceResponse:
    """Return a page of a listener's preferences, the favourite first."""
    listener = await _async_listener(call)
    offset = whole(ATTR_OFFSET, call.data[ATTR_OFFSET])
    within("offset_out_of_range", offset, 0, PREFERENCES)
    limit = whole(ATTR_LIMIT, call.data[ATTR_LIMIT])
    within("limit_out_of_range", limit, 1, PREFERENCES)
    kept = await _async_do(call.hass, lambda preferences: preferences.of(listener.id))
    return {
        "total": len(kept),
        "preferences": [each.shown() for each in kept[offset : offset + limit]],
    }


async def _async_create(call: ServiceCall) -> ServiceResponse:
    """Add a preference."""
    listener = await _async_listener(call)
    data = call.data
    rank, weight = _rank(data), _weight(data)
    made = await _async_do(
        call.hass,
        lambda preferences: preferences.create(
            listener.id, data[ATTR_KIND], data[ATTR_VALUE], rank=rank, weight=weight
        ),
    )
    return made.shown() if call.return_response else None


async def _async_update(call: ServiceCall) -> ServiceResponse:
    """Change a preference."""
    listener = await _async_listener(call)
    data = call.data
    rank = _rank(data)
    weight = "default" if data.get(ATTR_WEIGHT) == "default" else _weight(data)
    changed = await _async_do(
        call.hass,
        lambda preferences: preferences.update(
            listener.id,
            data[ATTR_ID],
            kind=data.get(ATTR_KIND),
            value=data.get(ATTR_VALUE),
            rank=rank,
            weight=weight,
        ),
    )
    return changed.shown() if call.return_response else None


async def _async_reorder(call: ServiceCall) -> ServiceResponse:
    """Put a listener's preferences into an order."""
    listener = await _async_listener(call)
    kept = await _async_do(
        call.hass, lambda preferences: preferences.reorder(listener.id, call.data[ATTR_ORDER])
    )
    if not call.return_response:
        return None
    return {"total": len(kept), "preferences": [each.shown() for each in kept]}


async def _async_delete(call: ServiceCall) -> ServiceResponse:
    """Delete a preference; the response is what creates it again."""
    listener = await _async_listener(call)
    gone = await _async_do(
        call.hass, lambda preferences: preferences.delete(listener.id, call.data[ATTR_ID])
    )
    return gone.shown() if call.return_response else None


async def _async_listener(call: ServiceCall) -> KnownListener:
    listener = find_listener(call.hass, call.data[ATTR_LISTENER])
    await check_may_see(call.hass, call.context, listener)
    return listener


async def _async_do[T](hass: HomeAssistant, work: Callable[[Preferences], T]) -> T:
    preferences = hass.data[LIBRARY].preferences
    with translated_errors():
        return await hass.async_add_executor_job(work, preferences)


def _rank(data: dict[str, Any]) -> int | None:
    return whole(ATTR_RANK, data[ATTR_RANK]) if ATTR_RANK in data else None


def _weight(data: dict[str, Any]) -> float | None:
    return number(ATTR_WEIGHT, data[ATTR_WEIGHT]) if ATTR_WEIGHT in data else None
