"""What the card asks for over the websocket: listeners, their preferences, and known names.

Personal things are for the person and for admins; the others are told `unauthorized`. The
errors that the house knows carry a translation, as those of actions do.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .const import CONF_ADVENTUROUSNESS, CONF_EXPLICIT
from .engine.preference_rules import KINDS, PREFERENCES, checked_kind
from .engine.vocabulary import matching
from .exceptions import translated_errors
from .library import LIBRARY
from .listeners.preferences import KeptPreference, Preferences
from .people import KnownListener
from .rights import all_listeners, find_listener, may_see

_PAGE: Final = 100
_LISTENER: Final = {vol.Required("listener"): cv.string}
_WEIGHT: Final = vol.Any(vol.Coerce(float), "default")

type Message = dict[str, Any]
type Handler = Callable[[HomeAssistant, KnownListener, Message], Awaitable[Mapping[str, Any]]]
type Command = Callable[[HomeAssistant, ActiveConnection, Message], None]


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Register the commands."""
    for command in (
        _async_list_listeners,
        _async_list_preferences,
        _async_create_preference,
        _async_update_preference,
        _async_reorder_preferences,
        _async_delete_preference,
        _async_search_names,
    ):
        websocket_api.async_register_command(hass, command)


def _personal(handler: Handler) -> Command:
    """Make a command of a handler for one listener, for those who may see what is theirs."""

    @wraps(handler)
    async def handle(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
        listener = find_listener(hass, message["listener"])
        if not may_see(connection.user, listener):
            raise Unauthorized(user_id=connection.user.id)
        with translated_errors():
            result = await handler(hass, listener, message)
        connection.send_result(message["id"], result)

    return websocket_api.async_response(handle)


@websocket_api.websocket_command({vol.Required("type"): "rhythmiq/listeners/list"})
@callback
def _async_list_listeners(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Tell who listens; how they do only where one may see it."""
    listeners = []
    for listener in all_listeners(hass):
        told: dict[str, Any] = {
            "id": listener.id,
            "name": listener.name,
            "entity_id": listener.entity_id,
            "editable": may_see(connection.user, listener),
        }
        if told["editable"]:
            told |= {
                key: listener.subentry.data[key] for key in (CONF_ADVENTUROUSNESS, CONF_EXPLICIT)
            }
        listeners.append(told)
    connection.send_result(message["id"], {"listeners": listeners})


@websocket_api.websocket_command(
    {
        vol.Required("type"): "rhythmiq/preferences/list",
        **_LISTENER,
        vol.Optional("offset", default=0): cv.positive_int,
        vol.Optional("limit", default=_PAGE): vol.All(int, vol.Range(1, PREFERENCES)),
    }
)
@_personal
async def _async_list_preferences(
    hass: HomeAssistant, listener: KnownListener, message: Message
) -> Mapping[str, Any]:
    """Return a page of preferences, the favourite first."""
    kept = await _async_do(hass, lambda preferences: preferences.of(listener.id))
    offset, limit = message["offset"], message["limit"]
    return _page(kept[offset : offset + limit], len(kept))


@websocket_api.websocket_command(
    {
        vol.Required("type"): "rhythmiq/preferences/create",
        **_LISTENER,
        vol.Required("kind"): cv.string,
        vol.Required("value"): cv.string,
        vol.Optional("rank"): int,
        vol.Optional("weight"): vol.Coerce(float),
    }
)
@_personal
async def _async_create_preference(
    hass: HomeAssistant, listener: KnownListener, message: Message
) -> Mapping[str, Any]:
    """Add a preference and return it."""
    made = await _async_do(
        hass,
        lambda preferences: preferences.create(
            listener.id,
            message["kind"],
            message["value"],
            rank=message.get("rank"),
            weight=message.get("weight"),
        ),
    )
    return made.shown()


@websocket_api.websocket_command(
    {
        vol.Required("type"): "rhythmiq/preferences/update",
        **_LISTENER,
        vol.Required("preference"): cv.string,
        vol.Optional("kind"): cv.string,
        vol.Optional("value"): cv.string,
        vol.Optional("rank"): int,
        vol.Optional("weight"): _WEIGHT,
    }
)
@_personal
async def _async_update_preference(
    hass: HomeAssistant, listener: KnownListener, message: Message
) -> Mapping[str, Any]:
    """Change what is given and return the preference."""
    changes = {key: message.get(key) for key in ("kind", "value", "rank", "weight")}
    changed = await _async_do(
        hass,
        lambda preferences: preferences.update(listener.id, message["preference"], **changes),
    )
    return changed.shown()


@websocket_api.websocket_command(
    {
        vol.Required("type"): "rhythmiq/preferences/reorder",
        **_LISTENER,
        vol.Required("order"): [cv.string],
    }
)
@_personal
async def _async_reorder_preferences(
    hass: HomeAssistant, listener: KnownListener, message: Message
) -> Mapping[str, Any]:
    """Put all that a listener set into an order."""
    kept = await _async_do(
        hass, lambda preferences: preferences.reorder(listener.id, message["order"])
    )
    return _page(kept, len(kept))


@websocket_api.websocket_command(
    {
        vol.Required("type"): "rhythmiq/preferences/delete",
        **_LISTENER,
        vol.Required("preference"): cv.string,
    }
)
@_personal
async def _async_delete_preference(
    hass: HomeAssistant, listener: KnownListener, message: Message
) -> Mapping[str, Any]:
    """Delete a preference and return what it was."""
    gone = await _async_do(
        hass, lambda preferences: preferences.delete(listener.id, message["preference"])
    )
    return gone.shown()


@websocket_api.websocket_command(
    {
        vol.Required("type"): "rhythmiq/names/search",
        vol.Required("kind"): vol.In(KINDS),
        vol.Required("query"): cv.string,
        vol.Optional("limit", default=20): vol.All(int, vol.Range(1, _PAGE)),
    }
)
@websocket_api.async_response
async def _async_search_names(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Return genres, artists or instruments that begin with, hold or resemble what was typed."""
    load = hass.data[LIBRARY].tracks.load
    with translated_errors():
        names = await hass.async_add_executor_job(
            lambda: matching(
                load(), checked_kind(message["kind"]), message["query"], message["limit"]
            )
        )
    connection.send_result(message["id"], {"names": names})


def _page(kept: list[KeptPreference], total: int) -> Mapping[str, Any]:
    return {"total": total, "preferences": [each.shown() for each in kept]}


async def _async_do[T](hass: HomeAssistant, work: Callable[[Preferences], T]) -> T:
    return await hass.async_add_executor_job(work, hass.data[LIBRARY].preferences)
