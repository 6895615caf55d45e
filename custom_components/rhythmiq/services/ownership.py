"""The actions about whose data it is: take it out, have it forgotten."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..download import EXPIRES, async_downloads
from ..engine import VARIABLES, EngineError
from ..exceptions import translated_errors
from ..exporting import export
from ..forgetting import Scope, forget
from ..library import LIBRARY
from ..people import listeners_of
from ..presences import PLACE
from ..rights import find_listener
from ..targets import loaded_entries

SERVICE_EXPORT_DATA: Final = "export_data"
SERVICE_FORGET: Final = "forget"

ATTR_EVERYTHING: Final = "everything"
ATTR_LISTENER: Final = "listener"
ATTR_SINCE: Final = "since"
ATTR_UNTIL: Final = "until"
ATTR_VARIABLE: Final = "variable"

ULID_LENGTH: Final = 26  # of the ids that Home Assistant gives subentries

# Only shapes are checked here: values belong to the handler, whose errors are translated.
FORGET_SCHEMA = vol.Schema(
    {
        vol.Optional(ATTR_LISTENER): cv.string,
        vol.Optional(ATTR_VARIABLE): cv.string,
        vol.Optional(ATTR_SINCE): cv.datetime,
        vol.Optional(ATTR_UNTIL): cv.datetime,
        vol.Optional(ATTR_EVERYTHING, default=False): cv.boolean,
    }
)


@callback
def async_setup(hass: HomeAssistant) -> None:
    """Register the actions about ownership."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_EXPORT_DATA,
        _async_export_data,
        vol.Schema({}),
        SupportsResponse.ONLY,
    )
    async_register_admin_service(
        hass, DOMAIN, SERVICE_FORGET, _async_forget, FORGET_SCHEMA, SupportsResponse.OPTIONAL
    )


async def _async_export_data(call: ServiceCall) -> ServiceResponse:
    """Write everything into a file and return where it can be fetched for an hour."""
    hass = call.hass
    await _flush(hass)
    downloads = await async_downloads(hass)
    library, now = hass.data[LIBRARY], dt_util.utcnow()
    settings = _settings(hass)
    name = f"rhythmiq-{dt_util.as_local(now):%Y-%m-%d}.zip"
    key, path = await hass.async_add_executor_job(downloads.new_file, name)
    with translated_errors():
        learned = await hass.async_add_executor_job(library.learning.learn)
        try:
            await hass.async_add_executor_job(export, library.store, path, settings, learned, now)
        except OSError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="export_failed",
                translation_placeholders={"error": err.strerror or str(err)},
            ) from err
    return {"url": downloads.offer(key, path), "expires": (now + EXPIRES).isoformat()}


async def _async_forget(call: ServiceCall) -> ServiceResponse:
    """Forget what the fields name, for good."""
    hass, data = call.hass, call.data
    entries = loaded_entries(hass)
    with translated_errors():
        scope = _scope(hass, data)
        await _flush(hass)
        learning = hass.data[LIBRARY].learning
        forgotten = await hass.async_add_executor_job(
            learning.erase, lambda connection: forget(connection, scope)
        )
    for entry in entries:
        if scope.variable in (None, PLACE):  # a range cannot be taken out of a habit
            await entry.runtime_data.recommender.rooms.presences.forget(scope.listener)
        if scope.variable is None:  # queues do not tell whose they were, nor all of when
            await entry.runtime_data.household.memory.forget()
        await entry.runtime_data.recommender.recollect()
    return asdict(forgotten) if call.return_response else None


def _scope(hass: HomeAssistant, data: dict[str, Any]) -> Scope:
    named = data.keys() & {ATTR_LISTENER, ATTR_VARIABLE, ATTR_SINCE, ATTR_UNTIL}
    if bool(named) == data[ATTR_EVERYTHING]:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="nothing_to_forget")
    since, until = (_timestamp(data.get(name)) for name in (ATTR_SINCE, ATTR_UNTIL))
    if since is not None and until is not None and until <= since:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="range_empty")
    variable = data.get(ATTR_VARIABLE)
    if variable is not None and variable not in VARIABLES:
        raise EngineError("unknown_variable", variable=variable, options=", ".join(VARIABLES))
    listener = _listener(hass, data[ATTR_LISTENER]) if ATTR_LISTENER in data else None
    return Scope(listener=listener, variable=variable, since=since, until=until)


def _listener(hass: HomeAssistant, reference: str) -> str:
    """Return the id of a listener; of one who was removed, it is all that is left to go by."""
    try:
        return find_listener(hass, reference).id
    except ServiceValidationError:
        if len(reference) == ULID_LENGTH and reference.isalnum():
            return reference
        raise


def _timestamp(moment: datetime | None) -> float | None:
    """Return seconds since the epoch; a time without zone is local."""
    return None if moment is None else dt_util.as_utc(moment).timestamp()


async def _flush(hass: HomeAssistant) -> None:
    """Store what waits to be stored, in every household."""
    for entry in loaded_entries(hass):
        await entry.runtime_data.recommender.record.flush()


def _settings(hass: HomeAssistant) -> dict[str, Any]:
    """Return what names the ids in the export."""
    return {
        "listeners": [
            {"id": person.id, "name": person.name, **person.subentry.data}
            for entry in loaded_entries(hass)
            for person in listeners_of(hass, entry)
        ],
        "rooms": [
            {"id": room.id, "name": room.title, **room.data}
            for entry in loaded_entries(hass)
            for room in entry.runtime_data.recommender.rooms
        ],
        "presence": {
            listener: pattern
            for entry in loaded_entries(hass)
            for listener, pattern in entry.runtime_data.recommender.rooms.presences.known().items()
        },
    }
